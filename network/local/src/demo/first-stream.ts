import { TRANSACTIONS, type BundleView } from '@eko/protocol/ledger';
import { readChannelBlocks } from '@eko/sdk/node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifySelection } from '@eko/audit';
import { TransferClient, receiveAll, sendAll } from '@eko/sdk/rest';
import { openSource, openTarget, transferProgress, formatBytes, formatMs, formatRate } from '@eko/command';
import { compareKeys } from './compare-keys';
import { placeOf } from './ledger-log';
import { attestationOf, endOfBundle } from './ledger-log';
import { DEMO_POLICY, requestStream, untilActive, type ActiveStream } from './set-up-stream';
import type { Stage } from './stage';

const ATTESTED_DEADLINE_MS = 15_000;
const PEER_WAIT_SECONDS = 30;

/** The first part: a stream from its request to its peaceful end, with a real file through it. */
export async function playFirstStream(stage: Stage): Promise<void> {
  const { timeline } = stage;
  timeline.chapter('1. A stream, from a request without any key to a file that arrived');
  const stream = await untilActive(stage, await requestStream(stage, 'first stream', DEMO_POLICY));
  await showLedger(stage, stream);
  await checkDraw(stage, stream);
  await compareKeys(stage, stream.streamId, 'both parties rebuilt the same key from their shares');
  await moveFile(stage, stream);
  await endStream(stage, stream);
}

async function showLedger(stage: Stage, { bundle }: ActiveStream): Promise<void> {
  const { timeline, ledger, signal } = stage;
  const view = await ledger.evaluate(TRANSACTIONS.readBundle, { bundleId: bundle.bundleId }, { signal });
  timeline.tell('what the ledger holds of it, all of it:');
  for (const line of ledgerLines(view)) timeline.detail(line);
}

/** Everything that a bundle's records hold, shortened to fit a line each. */
function ledgerLines({ bundle, assignments, dealings }: BundleView): readonly string[] {
  const { policy, requests } = bundle;
  const record = dealings.at(-1);
  return [
    `request   ${JSON.stringify(requests[0])}`,
    `policy    ${JSON.stringify(policy.witnesses)}, ${policy.dealers} dealers, ${policy.durationSeconds} s`,
    `parties   ${bundle.initiator} (${bundle.initiatorMsp}), ${policy.provider} (${bundle.providerMsp})`,
    `assigned  ${assignments.map(({ orchestrators }) => orchestrators.join(', ')).join('; then ')}`,
    `draw      seed ${record?.selection.seed ?? '-'}`,
    ...(record?.dealings ?? []).map(
      ({ dealer, sheetHash, envelopes }) =>
        `dealing   ${dealer}: hash of its commitments ${sheetHash.slice(0, 12)}…, hashes of ${envelopes.length} sealed envelopes`,
    ),
    'no key, no share, no credential: there is no field for one',
  ];
}

async function checkDraw(stage: Stage, { streamId, witnesses }: ActiveStream): Promise<void> {
  const { channel, chaincode } = stage.profile;
  const blocks = readChannelBlocks(stage.profile, stage.signal);
  const terms = { channel, chaincode, blocks, nowUnixMs: Date.now() };
  const { drawn, candidates } = await verifySelection(terms, streamId);
  stage.timeline.claim(
    'the draw follows from blocks that anybody can check',
    drawn.join() === witnesses.join(),
    `${drawn.join(', ')} of ${candidates.length}`,
  );
}

async function moveFile(stage: Stage, { streamId }: ActiveStream): Promise<void> {
  const { initiator, provider, timeline, terminal, file, signal } = stage;
  const folder = await mkdtemp(join(tmpdir(), 'eko-demo-file-'));
  try {
    const source = await openSource(file);
    const target = await openTarget(join(folder, 'received'), () => undefined);
    const clientOf = ({ access, api }: Stage['initiator']): TransferClient => new TransferClient(access, api);
    const onOpen = (): void => {
      timeline.tell('a TLS 1.3 connection stands, authenticated by the key alone');
    };
    const options = { waitSeconds: PEER_WAIT_SECONDS, signal };
    const onBytes = transferProgress(terminal, 'provider -> initiator', source.sizeBytes);
    const [received, sent] = await Promise.all([
      receiveAll(clientOf(initiator), streamId, target, onBytes, { ...options, onOpen }),
      sendAll(clientOf(provider), streamId, source, () => undefined, {
        ...options,
        onOpen: () => undefined,
      }),
    ]);
    timeline.claim(
      'the file arrived unchanged',
      received.sha256 === sent.sha256 && received.bytes === source.sizeBytes,
      `${formatBytes(received.bytes)} in ${formatMs(received.milliseconds)}, ${formatRate(received.bytes, received.milliseconds)}, SHA-256 ${received.sha256.slice(0, 16)}…`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function endStream(
  { initiator, timeline, log }: Stage,
  { streamId, bundle, witnesses }: ActiveStream,
): Promise<void> {
  const { bundleId } = bundle;
  await initiator.api.complete(streamId);
  const { event } = await log.first('the end', endOfBundle(bundleId), ATTESTED_DEADLINE_MS);
  timeline.tell(`the initiator ends the stream as completed: ${placeOf(event)}`);
  // What the witnesses hold from here on is of later streams.
  await Promise.all(
    witnesses.map((witness) =>
      log.first(`the attestation of ${witness}`, attestationOf(witness, bundleId), ATTESTED_DEADLINE_MS),
    ),
  );
}
