import { readFileSync } from 'node:fs';
import { withParties } from './dev-parties.mjs';
import { figure, median } from './measure.mjs';
import {
  firstByteAndWrite,
  keysAreRebuilt,
  serveOneByte,
  streamsPerSecond,
  writesPerSecond,
} from './stream-setup.mjs';

/** As on a Fabric channel tuned for this use; the ratios are to transactions of the same ledger. */
const BLOCK_TIMEOUT_MS = 50;
const ROUNDS = 5;
const BUNDLES_A_ROUND = 16;
/** Until the nodes' code is compiled and their connections are open. */
const BUNDLES_TO_WARM_UP = 96;
const WRITES_A_ROUND = 600;
const FIRST_BYTES_A_ROUND = 8;
const STARTS = 5;

/** Set-up of streams on the embedded ledger, all nodes as processes of their own; memory and start of a node. */
export async function cases(progress) {
  const parties = await withParties({ blockTimeoutMs: BLOCK_TIMEOUT_MS, progress });
  try {
    const listener = await serveOneByte(parties.provider);
    const figures = [await bundles(parties, progress), await firstBytes(parties, progress)];
    await listener.close();
    return [...figures, ...(await processes(parties, progress))];
  } finally {
    await parties.close();
  }
}

async function bundles(parties, progress) {
  const ratios = [];
  await streamsPerSecond(parties, BUNDLES_TO_WARM_UP, keysAreRebuilt);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const streams = await streamsPerSecond(parties, BUNDLES_A_ROUND, keysAreRebuilt);
    const writes = await writesPerSecond(parties, WRITES_A_ROUND);
    ratios.push(streams / writes);
    progress(`round ${round}: ${streams.toFixed(0)} streams/s, ${writes.toFixed(0)} writes/s`);
  }
  return figure({ id: 'embedded-bundle', value: median(ratios), unit: 'streams ÷ writes', goal: 3 });
}

async function firstBytes(parties, progress) {
  const ratios = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const bytes = [];
    const writes = [];
    for (let turn = 0; turn < FIRST_BYTES_A_ROUND; turn += 1) {
      const { byteMs, writeMs } = await firstByteAndWrite(parties);
      bytes.push(byteMs);
      writes.push(writeMs);
    }
    ratios.push(median(bytes) / median(writes));
    progress(
      `round ${round}: first byte ${median(bytes).toFixed(0)} ms, one write ${median(writes).toFixed(0)} ms`,
    );
  }
  return figure({
    id: 'embedded-first-byte',
    value: median(ratios),
    unit: '× one write',
    goal: 3,
    direction: 'at most',
  });
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
