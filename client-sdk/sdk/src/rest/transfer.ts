import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { EkoError, isEkoError } from '@eko/protocol';
import { codeOf } from '@eko/protocol/node';
import type { TransferTotals } from '@eko/protocol/rest';
import type { IncomingTransfer, TransferClient, TransferOptions } from './transfer-client';

/** Where the bytes to send come from. */
export interface TransferSource {
  /** Its name, for people. */
  readonly name: string;
  readonly stream: Readable;
  /** Whether a source that has ended after so many bytes became shorter meanwhile: that is not all that was to be sent. */
  readonly isCutShort?: (readBytes: number) => boolean;
}

/** Where received bytes go to. */
export interface TransferTarget {
  /** Writes a chunk; resolves when it has been taken. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes everything durable and puts it in its place, whole. */
  keep(): Promise<void>;
}

/** What went through. */
export interface Transferred extends TransferTotals {
  readonly milliseconds: number;
}

/** Told as bytes go through. */
export type TransferListener = (bytes: number) => void;

/**
 * Sends everything that a source has; resolves when the other side has confirmed that it has all of it.
 *
 * @throws EkoError `INVALID_ARGUMENT` where the source cannot be read to its end, `CORRUPT_RECORD`, and those of
 *   `TransferClient.send`
 */
export async function sendAll(
  client: TransferClient,
  streamId: string,
  source: TransferSource,
  onBytes: TransferListener,
  options: TransferOptions,
): Promise<Transferred> {
  const meter = new Meter(onBytes);
  const confirmed = await client.send(streamId, (request) => writeAll(source, request, meter), options);
  return requireSame(meter.totals(), confirmed);
}

/**
 * Receives everything that the other side sends into a target, which is whole and durable before the other side is told.
 *
 * @returns what came; `untold` is why the other side could not be told any more
 * @throws EkoError `STORE_FULL` or `INVALID_ARGUMENT` for the target, `CORRUPT_RECORD`, and those of
 *   `TransferClient.receive`
 */
export async function receiveAll(
  client: TransferClient,
  streamId: string,
  target: TransferTarget,
  onBytes: TransferListener,
  options: TransferOptions,
): Promise<Transferred & { readonly untold?: EkoError }> {
  const incoming = await client.receive(streamId, options);
  try {
    const meter = new Meter(onBytes);
    await readAll(incoming, target, meter);
    const received = requireSame(meter.totals(), incoming.totals());
    await target.keep();
    const { bytes, sha256 } = received;
    const untold = await incoming.confirm({ bytes, sha256 });
    return untold === undefined ? received : { ...received, untold };
  } finally {
    incoming.close();
  }
}

async function writeAll(source: TransferSource, request: Writable, meter: Meter): Promise<void> {
  meter.start();
  const closed = once(request, 'close').then(() => {
    throw new Error('the request broke');
  });
  closed.catch(() => undefined);
  const chunks: AsyncIterator<Buffer> = source.stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw unreadable(source.name, error);
    });
    if (next.done === true) break;
    meter.count(next.value);
    if (!request.write(next.value)) await Promise.race([once(request, 'drain'), closed]);
  }
  if (source.isCutShort?.(meter.bytes) === true) throw shortened(source.name);
  request.end();
}

async function readAll(incoming: IncomingTransfer, target: TransferTarget, meter: Meter): Promise<void> {
  meter.start();
  const { body } = incoming;
  const broken = once(body, 'error').then(([error]) => {
    throw error;
  });
  broken.catch(() => undefined);
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch(async (error: unknown) => {
      throw await incoming.reason(error);
    });
    if (next.done === true) return;
    meter.count(next.value);
    await Promise.race([target.write(next.value), broken]).catch(async (error: unknown) => {
      throw isEkoError(error) ? error : await incoming.reason(error);
    });
  }
}

/** What a source that broke off gave is not the whole. */
function unreadable(name: string, cause: unknown): EkoError {
  const text = `${name} cannot be read to its end (${codeOf(cause)})`;
  return new EkoError('INVALID_ARGUMENT', text, { details: { file: name }, cause });
}

function shortened(name: string): EkoError {
  const text = `${name} became shorter while it was sent: what went through is not all of it`;
  return new EkoError('INVALID_ARGUMENT', text, {
    details: { file: name, next: 'wait until nothing writes to it, then send it again' },
  });
}

function requireSame(counted: Transferred, told: TransferTotals): Transferred {
  if (counted.bytes === told.bytes && counted.sha256 === told.sha256) return counted;
  const text = `${counted.bytes} bytes went through here, ${told.bytes} at the party, or others: nothing is to be trusted`;
  throw new EkoError('CORRUPT_RECORD', text);
}

/** Counts and hashes. */
class Meter {
  readonly #hash = createHash('sha256');
  readonly #onBytes: TransferListener;
  #startedMs = 0;
  #bytes = 0;

  constructor(onBytes: TransferListener) {
    this.#onBytes = onBytes;
  }

  start(): void {
    this.#startedMs = performance.now();
  }

  get bytes(): number {
    return this.#bytes;
  }

  count(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#onBytes(this.#bytes);
  }

  totals(): Transferred {
    const milliseconds = performance.now() - this.#startedMs;
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex'), milliseconds };
  }
}
