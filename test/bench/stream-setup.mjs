import { once } from 'node:events';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { POLICY, REQUEST } from './dev-parties.mjs';

const QUIET_MS = 400;
const POLL_MS = 20;
/** An end is not committed faster by more at a time, and a party remembers only so many. */
const ENDS_IN_FLIGHT = 64;

/**
 * Sets up one bundle.
 *
 * @param isDone - waits for the one thing that a stream is set up for, given both parties and the initiator's stream
 * @returns its ID
 */
export async function setUpBundle(parties, size, isDone) {
  const requests = Array.from({ length: size }, () => REQUEST);
  const streams = await parties.initiator.client.requestStreams(POLICY, requests);
  await Promise.all(streams.map((stream) => isDone(parties, stream)));
  return streams[0].bundleId;
}

/** What a stream is set up for, by its name. */
export function untilOf(name) {
  return { keys: keysAreRebuilt, byte: firstByteHasCome, active: (_parties, stream) => stream.whenActive() }[
    name
  ];
}

/** Both parties have rebuilt the key. */
async function keysAreRebuilt({ provider }, stream) {
  await seenBy(provider, stream.id);
  await Promise.all([holdsKey(stream), holdsKey(provider.client.stream(stream.id))]);
}

/** The first byte of the provider has arrived at the initiator. */
export async function firstByteHasCome(_parties, stream) {
  const connection = await stream.open();
  await once(connection, 'data');
  connection.destroy();
}

async function holdsKey(stream) {
  const key = await stream.exportKey('bench', 32);
  key.dispose();
}

/** The other party may see a request a moment later. */
async function seenBy({ client }, streamId) {
  for (;;) {
    try {
      client.stream(streamId);
      return;
    } catch (error) {
      if (error.code !== 'NOT_FOUND') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Ends bundles, and waits until what follows from that is over: it belongs to them, not to what is measured next. */
export async function endBundles(parties, bundleIds) {
  const { ledger, client } = parties.initiator;
  const left = [...bundleIds];
  await inFlight(left.length, ENDS_IN_FLIGHT, async () => {
    const bundleId = left.pop();
    const stream = client.stream(`${bundleId}/0`);
    await ledger.submit(TRANSACTIONS.endStream, { bundleId, streams: 'all', reason: 'completed' });
    await stream.whenEnded();
  });
  await attested(parties);
}

/** Resolves once no party owes an attestation, and none has come for a while; heartbeats go on for ever. */
export async function attested({ initiator, provider }) {
  let last = performance.now();
  const stop = initiator.client.onEvent(({ name }) => {
    if (name !== 'Heartbeat') last = performance.now();
  });
  const isOwed = () => initiator.client.owedAttestations > 0 || provider.client.owedAttestations > 0;
  while (isOwed() || performance.now() - last < QUIET_MS)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  stop();
}

/** One plain write of one key, committed. */
export function writeOnce({ initiator: { ledger, client } }) {
  return ledger.submit(TRANSACTIONS.heartbeat, { nodeId: client.nodeId });
}

/** Milliseconds that something takes. */
export async function timeOf(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Runs `work` so many times, some at a time. */
export async function inFlight(count, most, work) {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: most }, lane));
}

/** Listens at the provider's registered address; each connection gets one byte, and stays open. */
export function serveOneByte({ client, settings }) {
  const { streamHost: host = '127.0.0.1', streamPort: port } = settings;
  return client.listen((connection) => void connection.resume().write('x'), { host, port });
}
