/** Nodes as the operating system sees them, and a party as its application does. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { median } from './measure.mjs';
import { mapKinds } from './processor-time.mjs';
import { timeOf } from './stream-setup.mjs';

/** Starts the first node of a role again after a crash: seconds until it is ready, and what it then has in memory. */
export async function startAgain({ parties: { network } }, { role }) {
  const { nodeId } = network.network.nodes.find((node) => node.role === role);
  await network.kill(nodeId);
  const started = performance.now();
  await network.restart(nodeId);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, megabytes: residentMegabytes(network.pidOf(nodeId)) };
}

/** Resident bytes of a node of each kind, the median of its nodes, after a collection of garbage. */
export async function memory(lane) {
  const kinds = lane.kinds();
  for (const pid of Object.values(kinds).flat()) await lane.probe(pid, 'collect');
  return mapKinds(kinds, (pids) => median(pids.map(residentMegabytes)) * 2 ** 20);
}

/**
 * Milliseconds that a page of the list of streams takes, `count` times, from the initiator's own process, which takes the
 * place of its client here for good.
 */
export async function pages({ parties: { network, initiator } }, { count, limit }) {
  const { nodeId } = initiator.client;
  await initiator.close();
  await network.restart(nodeId);
  const { port } = network.network.nodes.find((node) => node.nodeId === nodeId);
  const token = (await readFile(network.layout.node(nodeId).token, 'utf8')).trim();
  const pageMs = [];
  for (let turn = 0; turn < count; turn += 1)
    pageMs.push(
      await timeOf(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/v1/streams?limit=${limit}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        const { streams } = await response.json();
        if (streams.length !== limit) throw new Error(`A page has ${streams.length} streams`);
      }),
    );
  return { pageMs };
}

/** What the operating system says a process has in memory. */
function residentMegabytes(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line[1]) / 1024;
}
