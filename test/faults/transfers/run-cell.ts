import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../support/until';
import type { CutNetwork } from './cut-network';
import type { CutCell } from './cut-table';
import type { TransferEnd, TransferProcess } from './transfer-process';

const TOTAL_BYTES = 4 * 1024 * 1024;
const MIDDLE_BYTES = 1024 * 1024;
/** What `ulimit -f` of a POSIX shell counts. */
const BLOCK_BYTES = 512;
/** Long enough for a set-up and the transfer's start on a busy machine. */
const SHORT_LIFE_SECONDS = 20;

/** What a cell came to. */
export interface CellOutcome {
  readonly sender: TransferEnd;
  readonly receiver: TransferEnd;
  /** Whether a file has the final name. */
  readonly hasFile: boolean;
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

/** Runs a transfer up to a cell's moment, lets its cause happen, and waits for both ends. */
export async function runCell(network: CutNetwork, cell: CutCell, streamId: string): Promise<CellOutcome> {
  const file = join(network.folder, randomUUID());
  const receiver =
    cell.cause === 'full disk'
      ? network.receiveBy(limitedShell(cell), streamId, file)
      : network.receive(streamId, file);
  await receiver.says('waiting for provider');
  const sender = network.send(streamId);
  await receiver.says('provider is there');
  const isEarly = cell.moment === 'before the first byte';
  if (!isEarly || cell.cause === 'full disk') await sender.feed(randomBytes(TOTAL_BYTES));
  if (!isEarly && cell.cause !== 'full disk') {
    const least = cell.moment === 'in the middle' ? MIDDLE_BYTES : TOTAL_BYTES;
    await until('the moment', () => sizeOf(`${file}.partial`) >= least);
  }
  await happen(network, cell, streamId, sender, receiver);
  const ends = { sender: await sender.ended, receiver: await receiver.ended };
  return { ...ends, hasFile: existsSync(file) };
}

/** Whether a whole transfer goes through a stream now, with the same bytes at both ends. */
export async function isUsable(network: CutNetwork, streamId: string): Promise<boolean> {
  const file = join(network.folder, randomUUID());
  const [sender, receiver] = [network.send(streamId), network.receive(streamId, file)];
  const bytes = randomBytes(MIDDLE_BYTES);
  await sender.feed(bytes);
  sender.endInput();
  const [sent, received] = [await sender.ended, await receiver.ended];
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return (
    sent.status === 0 &&
    received.status === 0 &&
    sent.sha256 === sha256 &&
    received.sha256 === sha256 &&
    readFileSync(file).equals(bytes)
  );
}

/** A stream for a cell, that both parties see as active. */
export function streamFor(network: CutNetwork, { cause }: CutCell): Promise<string> {
  return network.newStream(cause === 'expired' ? { durationSeconds: SHORT_LIFE_SECONDS } : {});
}

/** A shell in which no file grows larger than what is left of the disk at the cell's moment. */
function limitedShell({ moment }: CutCell): string {
  const blocks = {
    'before the first byte': 0,
    'in the middle': MIDDLE_BYTES / BLOCK_BYTES,
    'at the last byte': TOTAL_BYTES / BLOCK_BYTES - 1,
  }[moment];
  return `ulimit -f ${blocks}; exec "$@"`;
}

async function happen(
  network: CutNetwork,
  { cause, place }: CutCell,
  streamId: string,
  sender: TransferProcess,
  receiver: TransferProcess,
): Promise<void> {
  const sidecar = place === "sender's sidecar" ? 'provider' : 'initiator';
  switch (cause) {
    case 'SIGINT':
    case 'SIGTERM':
    case 'SIGKILL':
      if (place === 'sender') sender.kill(cause);
      else if (place === 'receiver') receiver.kill(cause);
      else if (place === 'network') network.signalAll(cause);
      else network.signal(sidecar, cause);
      break;
    case 'revoked':
      await network.api(sidecar).revoke(streamId);
      break;
    case 'ledger lost':
      network.signal('ledger', 'SIGSTOP');
      break;
    case 'full disk':
    case 'expired':
      // It comes by itself.
      break;
  }
}
