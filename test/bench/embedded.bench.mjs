import { readFileSync } from 'node:fs';
import { withParties } from './dev-parties.mjs';
import { figure, median } from './measure.mjs';
import { releasesWithoutOne } from './release-times.mjs';
import {
  BLOCK_TIMEOUT_MS,
  BUNDLES_A_ROUND,
  WRITES_A_ROUND,
  firstByteFigure,
  medianRatios,
} from './setup-rounds.mjs';
import { keysAreRebuilt, serveOneByte, streamsPerSecond, writesPerSecond } from './stream-setup.mjs';

/** Until the nodes' code is compiled and their connections are open. */
const BUNDLES_TO_WARM_UP = 96;
const FIRST_BYTE = { id: 'embedded-first-byte', goal: 3, perRound: 8 };
const STARTS = 5;

/**
 * Set-up of streams on the embedded ledger, all nodes as processes of their own; releases while a witness does not
 * answer; memory and start of a node.
 */
export function cases(progress) {
  return withParties({ blockTimeoutMs: BLOCK_TIMEOUT_MS, progress }, async (parties) => {
    const listener = await serveOneByte(parties.provider);
    const figures = [await bundles(parties, progress), await firstByteFigure(parties, FIRST_BYTE, progress)];
    await listener.close();
    return [
      ...figures,
      ...(await releasesWithoutOne(parties, progress)),
      ...(await processes(parties, progress)),
    ];
  });
}

async function bundles(parties, progress) {
  await streamsPerSecond(parties, BUNDLES_TO_WARM_UP, keysAreRebuilt);
  const { ratio } = await medianRatios(progress, async () => {
    const streams = await streamsPerSecond(parties, BUNDLES_A_ROUND, keysAreRebuilt);
    const writes = await writesPerSecond(parties, WRITES_A_ROUND);
    const seen = `${streams.toFixed(0)} streams/s, ${writes.toFixed(0)} writes/s`;
    return { ratios: { ratio: streams / writes }, seen };
  });
  return figure({ id: 'embedded-bundle', value: ratio, unit: 'streams ÷ writes', goal: 3 });
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
