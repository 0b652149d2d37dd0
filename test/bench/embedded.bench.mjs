import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { TRANSACTIONS } from '@eko/protocol';
import { POLICY, REQUEST, withParties } from './dev-parties.mjs';
import { figure, median } from './measure.mjs';

/** As on a Fabric channel tuned for this use; the ratios are to transactions of the same ledger. */
const BLOCK_TIMEOUT_MS = 50;
const ROUNDS = 5;
const BUNDLE = 50;
const BUNDLES_A_ROUND = 16;
const BUNDLES_IN_FLIGHT = 8;
const WRITES_A_ROUND = 600;
const WRITES_IN_FLIGHT = 64;
const FIRST_BYTES_A_ROUND = 8;
const STARTS = 5;

/** Set-up of streams on the embedded ledger, all nodes as processes of their own; memory and start of a node. */
export async function cases(progress) {
  const parties = await withParties({ blockTimeoutMs: BLOCK_TIMEOUT_MS, progress });
  try {
    return [
      ...(await bundles(parties, progress)),
      ...(await firstBytes(parties, progress)),
      ...(await processes(parties, progress)),
    ];
  } finally {
    await parties.close();
  }
}

async function bundles({ initiator, provider }, progress) {
  const listener = await provider.client.listen(() => undefined, { host: '127.0.0.1', port: 0 });
  const ratios = [];
  await streamsPerSecond(initiator, provider, BUNDLES_IN_FLIGHT);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const streams = await streamsPerSecond(initiator, provider, BUNDLES_A_ROUND);
    const writes = await writesPerSecond(initiator);
    ratios.push(streams / writes);
    progress(`round ${round}: ${streams.toFixed(0)} streams/s, ${writes.toFixed(0)} writes/s`);
  }
  await listener.close();
  return [figure({ id: 'embedded-bundle', value: median(ratios), unit: 'streams ÷ writes', goal: 3 })];
}

/** Streams a second until both parties hold the keys of whole bundles. */
async function streamsPerSecond(initiator, provider, count) {
  const requests = Array.from({ length: BUNDLE }, () => REQUEST);
  const bundleIds = [];
  const started = performance.now();
  await inFlight(count, BUNDLES_IN_FLIGHT, async () => {
    const streams = await initiator.client.requestStreams(POLICY, requests);
    bundleIds.push(streams[0].bundleId);
    await Promise.all(streams.map((stream) => stream.whenActive()));
    await Promise.all(streams.flatMap(({ id }) => [holdsKey(initiator, id), holdsKey(provider, id)]));
  });
  const rate = (count * BUNDLE * 1000) / (performance.now() - started);
  await Promise.all(
    bundleIds.map((bundleId) =>
      initiator.ledger.submit(TRANSACTIONS.endStream, { bundleId, streams: 'all', reason: 'completed' }),
    ),
  );
  // The attestations that follow belong to these streams, not to the writes that are measured next.
  await settled(initiator, bundleIds);
  return rate;
}

async function holdsKey({ client }, streamId) {
  const key = await client.stream(streamId).exportKey('bench', 32);
  key.dispose();
}

/** Waits until both parties have attested the destruction of these bundles. */
async function settled({ client }, bundleIds) {
  await Promise.all(bundleIds.map((bundleId) => client.stream(`${bundleId}/0`).whenEnded()));
}

async function writesPerSecond({ ledger, client }) {
  const started = performance.now();
  await inFlight(WRITES_A_ROUND, WRITES_IN_FLIGHT, () =>
    ledger.submit(TRANSACTIONS.heartbeat, { nodeId: client.nodeId }),
  );
  return (WRITES_A_ROUND * 1000) / (performance.now() - started);
}

async function inFlight(count, most, work) {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: most }, lane));
}

async function firstBytes({ initiator, provider }, progress) {
  const { streamHost = '127.0.0.1', streamPort } = provider.settings;
  const listener = await provider.client.listen((connection) => void connection.end('x'), {
    host: streamHost,
    port: streamPort,
  });
  const ratios = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const bytes = [];
    const writes = [];
    for (let turn = 0; turn < FIRST_BYTES_A_ROUND; turn += 1) {
      const asked = performance.now();
      const stream = await initiator.client.requestStream(POLICY, REQUEST);
      const connection = await stream.open();
      await once(connection, 'data');
      bytes.push(performance.now() - asked);
      connection.destroy();
      const wrote = performance.now();
      await initiator.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: initiator.client.nodeId });
      writes.push(performance.now() - wrote);
      await stream.complete();
    }
    ratios.push(median(bytes) / median(writes));
    progress(
      `round ${round}: first byte ${median(bytes).toFixed(0)} ms, one write ${median(writes).toFixed(0)} ms`,
    );
  }
  await listener.close();
  return [
    figure({
      id: 'embedded-first-byte',
      value: median(ratios),
      unit: '× one write',
      goal: 3,
      direction: 'at most',
    }),
  ];
}

async function processes({ network }, progress) {
  const nodes = network.network.nodes.filter(({ role }) => role !== 'party');
  const starts = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    const { nodeId } = nodes.find(({ role }) => role === 'witness');
    await network.kill(nodeId);
    const started = performance.now();
    await network.restart(nodeId);
    starts.push((performance.now() - started) / 1000);
  }
  progress(`starts: ${starts.map((seconds) => seconds.toFixed(2)).join(', ')} s`);
  const fresh = nodes.find(({ role }) => role === 'witness');
  const idleMegabytes = residentMegabytes(network.pidOf(fresh.nodeId));
  for (const { nodeId } of nodes) {
    progress(`${nodeId}: ${residentMegabytes(network.pidOf(nodeId)).toFixed(0)} MB`);
  }
  return [
    figure({ id: 'node-memory', value: idleMegabytes, unit: 'MB', goal: 100, direction: 'at most' }),
    figure({ id: 'node-start', value: median(starts), unit: 's', goal: 1, direction: 'at most' }),
  ];
}

/** What the operating system says a process has in memory. */
function residentMegabytes(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line[1]) / 1024;
}
