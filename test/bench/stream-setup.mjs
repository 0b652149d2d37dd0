import { once } from 'node:events';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { POLICY, REQUEST } from './dev-parties.mjs';

const BUNDLE = 50;
const BUNDLES_IN_FLIGHT = 8;
const WRITES_IN_FLIGHT = 64;
const QUIET_MS = 400;
const POLL_MS = 20;

/**
 * Streams a second in whole bundles.
 *
 * @param count - how many bundles
 * @param isDone - waits for the one thing that a stream is set up for, given both parties' streams
 */
export async function streamsPerSecond(parties, count, isDone) {
  const { initiator } = parties;
  const requests = Array.from({ length: BUNDLE }, () => REQUEST);
  const bundleIds = [];
  const started = performance.now();
  await inFlight(count, BUNDLES_IN_FLIGHT, async () => {
    const streams = await initiator.client.requestStreams(POLICY, requests);
    bundleIds.push(streams[0].bundleId);
    await Promise.all(streams.map((stream) => isDone(parties, stream)));
  });
  const rate = (count * BUNDLE * 1000) / (performance.now() - started);
  await endAll(parties, bundleIds);
  return rate;
}

/** Both parties have rebuilt the key. */
export async function keysAreRebuilt({ provider }, stream) {
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
export async function endAll(parties, bundleIds) {
  const { ledger, client } = parties.initiator;
  await Promise.all(
    bundleIds.map((bundleId) =>
      ledger.submit(TRANSACTIONS.endStream, { bundleId, streams: 'all', reason: 'completed' }),
    ),
  );
  await Promise.all(bundleIds.map((bundleId) => client.stream(`${bundleId}/0`).whenEnded()));
  await attested(parties);
}

/** Resolves once no attestation has come for a while; heartbeats go on for ever. */
export async function attested({ initiator }) {
  let last = performance.now();
  const stop = initiator.client.onEvent(({ name }) => {
    if (name !== 'Heartbeat') last = performance.now();
  });
  while (performance.now() - last < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  stop();
}

/** Plain writes of one key a second. */
export async function writesPerSecond(parties, count) {
  const started = performance.now();
  await inFlight(count, WRITES_IN_FLIGHT, () => writeOnce(parties));
  return (count * 1000) / (performance.now() - started);
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

/** Milliseconds from the request of one stream to its first byte, and of one write after it, with nothing beside them. */
export async function firstByteAndWrite(parties) {
  let stream;
  const byteMs = await timeOf(async () => {
    stream = await parties.initiator.client.requestStream(POLICY, REQUEST);
    await firstByteHasCome(parties, stream);
  });
  const writeMs = await timeOf(() => writeOnce(parties));
  await stream.complete();
  await attested(parties);
  return { byteMs, writeMs };
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
