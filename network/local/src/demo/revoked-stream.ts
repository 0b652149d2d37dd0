import { withDeadline } from '@eko/sdk/node';
import { randomBytes } from 'node:crypto';
import { Readable, type Duplex } from 'node:stream';
import { openDataConnection } from '@eko/sdk/rest';
import { formatBytes, formatMs } from '@eko/command';
import { FormerInitiator } from './former-initiator';
import { placeOf } from './ledger-log';
import { attestationOf, endOfBundle } from './ledger-log';
import { OldSession } from './old-session';
import { tryToReturn } from './re-entry';
import { DEMO_POLICY, requestStream, untilActive, type ActiveStream } from './set-up-stream';
import { sharesHeld, untilSharesHeld, type SharesHeld } from './shares-held';
import type { Stage } from './stage';

const BLOCK_BYTES = 64 * 1024;
/** So much has gone through when the revocation comes. */
const MID_TRANSFER_BYTES = 16 * 1024 * 1024;
const DEADLINE_MS = 15_000;

/** The second part: a stream that is taken away in the middle of a transfer, and nobody gets back in. */
export async function playRevokedStream(stage: Stage): Promise<void> {
  const { timeline, network } = stage;
  timeline.chapter('2. A stream that its provider takes away in the middle of a transfer');
  const heldBefore = await sharesHeld(network);
  const stream = await untilActive(stage, await requestStream(stage, 'second stream', DEMO_POLICY));
  using former = await FormerInitiator.of(network.layout);
  const transfer = await startTransfer(stage, stream);
  const kept = await former.collectAndKeep(stream.streamId);
  // The provider's sidecar lets nobody in before a program has asked for the stream.
  const [thiefsOwn, served] = await Promise.all([
    former.connect(kept),
    openDataConnection(stage.provider.access, stream.streamId, stage.signal),
  ]);
  served.on('error', () => undefined).resume();
  const session = new OldSession(thiefsOwn);
  timeline.tell(
    'the initiator secretly keeps its key, TLS session, permit and envelopes, to come back later',
  );
  const { witnesses, record } = stream;
  const held = await untilSharesHeld(network, heldBefore, witnesses, record.dealings.length);
  await transfer.midway;
  await revoke(stage, stream, transfer);
  transfer.close();
  served.destroy();
  await tryToReturn(former, kept, session, witnesses, timeline);
  session.close();
  kept.epochKey.dispose();
  await checkDestruction(stage, stream);
  await checkSharesGone(stage, stream, held);
}

/** A transfer under way that only a cut ends. */
interface Transfer {
  /** Resolves when enough has gone through. */
  readonly midway: Promise<void>;
  /** When each side's socket closed, on the monotonic clock. */
  readonly closedAtMs: { readonly provider: Promise<number>; readonly initiator: Promise<number> };
  received(): number;
  close(): void;
}

async function startTransfer(stage: Stage, { streamId }: ActiveStream): Promise<Transfer> {
  const { initiator, provider, signal, terminal, timeline } = stage;
  const [incoming, outgoing] = await Promise.all([
    openDataConnection(initiator.access, streamId, signal),
    openDataConnection(provider.access, streamId, signal),
  ]);
  timeline.tell('the provider sends without end');
  let received = 0;
  const midway = new Promise<void>((resolve) => {
    incoming.on('data', (chunk: Buffer) => {
      received += chunk.length;
      terminal.progress.show({
        label: 'provider -> initiator',
        done: received,
        total: MID_TRANSFER_BYTES * 4,
      });
      if (received >= MID_TRANSFER_BYTES) resolve();
    });
  });
  endlessBytes().pipe(outgoing);
  return {
    midway,
    closedAtMs: { provider: closing(outgoing), initiator: closing(incoming) },
    received: () => received,
    close: () => {
      incoming.destroy();
      outgoing.destroy();
    },
  };
}

function endlessBytes(): Readable {
  const block = randomBytes(BLOCK_BYTES);
  return new Readable({
    highWaterMark: 4 * BLOCK_BYTES,
    read() {
      this.push(block);
    },
  });
}

/**
 * When a connection is over for its user: a cut shows as an error, or, where the other end's was seen first, as an end.
 */
function closing(connection: Duplex): Promise<number> {
  connection.on('error', () => undefined);
  connection.resume();
  return new Promise((resolve) => {
    const over = (): void => resolve(performance.now());
    connection.once('end', over).once('close', over);
  });
}

async function revoke(stage: Stage, { streamId, bundle }: ActiveStream, transfer: Transfer): Promise<void> {
  const { provider, timeline, log } = stage;
  const submittedAtMs = performance.now();
  const answered = provider.api.revoke(streamId, 'shown in the demo');
  const ended = await log.first('the end', endOfBundle(bundle.bundleId), DEADLINE_MS);
  await answered;
  const { provider: providerClosed, initiator: initiatorClosed } = transfer.closedAtMs;
  const [providerMs, initiatorMs] = await withDeadline(
    'Cutting the sockets',
    { deadlineMs: DEADLINE_MS },
    () => Promise.all([providerClosed, initiatorClosed]),
  );
  const since = (atMs: number): string => formatMs(atMs - submittedAtMs);
  timeline.tell(`the provider revokes after ${formatBytes(transfer.received())}: ${placeOf(ended.event)}`);
  timeline.claim(
    'revocation cuts both sockets',
    providerMs >= submittedAtMs && initiatorMs >= submittedAtMs,
    `submit -> seen committed ${since(ended.atMs)} -> provider's closed ${since(providerMs)}, initiator's ${since(initiatorMs)}`,
  );
}

/** Everybody who held anything of the stream says on the ledger that it is gone. */
async function checkDestruction({ timeline, log }: Stage, stream: ActiveStream): Promise<void> {
  const { bundle, witnesses, record } = stream;
  const { bundleId, initiator, policy } = bundle;
  const attested = async (nodeId: string): Promise<string> =>
    placeOf(
      (await log.first(`the attestation of ${nodeId}`, attestationOf(nodeId, bundleId), DEADLINE_MS)).event,
    );
  for (const witness of witnesses) {
    timeline.detail(`${witness} attests that its shares are destroyed: ${await attested(witness)}`);
  }
  const others = [...record.dealings.map(({ dealer }) => dealer), initiator, policy.provider];
  await Promise.all(others.map(attested));
  timeline.claim(
    'every holder attests destruction on the ledger',
    true,
    `${witnesses.length} witnesses, ${record.dealings.length} dealers, 2 parties`,
  );
}

/** A witness attests when its shares are destroyed; its own count of what it holds must have gone down by them. */
async function checkSharesGone(
  { network, timeline }: Stage,
  { witnesses, record }: ActiveStream,
  held: SharesHeld,
): Promise<void> {
  const left = await sharesHeld(network);
  const counts = witnesses.map((witness) => ({
    witness,
    before: held.get(witness) ?? 0,
    after: left.get(witness) ?? 0,
  }));
  timeline.claim(
    'the shares are gone by each witness’s own count',
    counts.every(({ before, after }) => before - after === record.dealings.length),
    counts.map(({ witness, before, after }) => `shares held by ${witness}: ${before} -> ${after}`).join(', '),
  );
}
