import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import type { HistoryReport } from '../../client-sdk/audit/dist/verify-history';
import { commandLine } from '../support/in-process/command-line';
import { eko } from '../support/processes/eko-process';
import type { ProcessNetwork } from '../support/processes/process-network';

/**
 * What `eko verify history`, a process of its own, says of a network that goes on running, with the receipts of all its
 * witnesses and every request that was acknowledged.
 */
export async function checkedHistory(network: ProcessNetwork): Promise<HistoryReport> {
  const folder = await mkdtemp(join(tmpdir(), 'eko-history-'));
  try {
    const receipts = join(folder, 'receipts');
    await mkdir(receipts);
    await exportReceipts(network, folder, receipts);
    const acknowledged = join(folder, 'acknowledged');
    await writeFile(acknowledged, network.acknowledgedBundles.map((bundleId) => `${bundleId}\n`).join(''));
    // Whatever a witness has seen is before this one on the peer that is asked.
    await network.initiator.ledger.submit(TRANSACTIONS.heartbeat, {
      nodeId: network.initiator.client.nodeId,
    });
    const { stdout, stderr } = await eko(
      ...['verify', 'history', '--json', '--receipts', receipts, '--acknowledged', acknowledged],
      ...['--profile', network.processes.layout.node('initiator').profile],
    );
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as HistoryReport;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From copies of the stores, taken while the witness stands still: what a crash would leave. */
async function exportReceipts(network: ProcessNetwork, folder: string, receipts: string): Promise<void> {
  for (const { nodeId, role } of network.processes.network.nodes) {
    if (role !== 'witness') continue;
    const data = join(folder, nodeId);
    network.freeze(nodeId);
    await cp(join(network.processes.layout.node(nodeId).data, 'store'), join(data, 'store'), {
      recursive: true,
    });
    network.thaw(nodeId);
    const output = join(receipts, `${nodeId}.jsonl`);
    const { status, stderr } = await commandLine(['node', 'receipts', '--data', data, '--output', output]);
    if (status !== 0) throw new Error(stderr);
  }
}
