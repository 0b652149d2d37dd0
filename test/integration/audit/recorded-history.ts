import { join } from 'node:path';
import { NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { TRANSACTIONS, type BundleView } from '@eko/protocol/ledger';
import { type RecordSigner } from '@eko/protocol/crypto';
import { newEd25519Signer } from '@eko/protocol/node';
import { readFabricProfile } from '@eko/sdk';
import {
  NodeDirectory,
  decodeChannelBlock,
  loadNodeKeys,
  readChannelBlocks,
  type ChannelBlock,
} from '@eko/sdk/node';
import { findReceiptFiles } from '../../../client-sdk/audit/dist/receipt-file';
import { commandLine } from '../../support/in-process/command-line';
import type { LiveNetwork } from '../../support/in-process/live-network';
import type { RecordedLog } from '../../history/planted-history';

/** The witnesses of a network whose history is recorded. */
export const WITNESSES = ['witness-0', 'witness-1', 'witness-2', 'witness-3'] as const;

const isActive = (view: BundleView): boolean => view.dealings.length > 0;

/** What really happened on a network, once, and is then falsified in copies. */
export interface RecordedHistory {
  /** As the peer gave them. */
  readonly serialized: readonly Uint8Array[];
  readonly blocks: readonly ChannelBlock[];
  readonly receipts: readonly RecordedLog[];
  readonly folder: string;
  readonly profile: string;
  /** One stream of it was revoked, the other is active. */
  readonly halfEnded: BundleView;
  /** Revoked as a whole. */
  readonly ended: BundleView;
  readonly signerOf: (witness: string) => RecordSigner;
}

/** The draw of a bundle that was dealt. */
export const selectionOf = ({ dealings }: BundleView) => {
  const selection = dealings[0]?.selection;
  if (selection === undefined) throw new RangeError('it was dealt');
  return selection;
};

/** A witness that does not serve a bundle. */
export function undrawnWitness(view: BundleView): string {
  const drawn = selectionOf(view).witnesses;
  const undrawn = WITNESSES.find((name) => !drawn.includes(name));
  if (undrawn === undefined) throw new RangeError('every witness was drawn');
  return undrawn;
}

/** Requests, releases and revocations on a network that is then without its witnesses. */
export async function recordHistory(network: LiveNetwork, folder: string): Promise<RecordedHistory> {
  const { ledger, client } = network.party('initiator');
  const directory = await NodeDirectory.load(ledger);
  const release = (witness: string, bundleId: string, permitTxId: string, streams: number[]) =>
    client.call({
      node: directory.require(witness),
      route: NODE_ROUTES.release,
      body: { bundleId, epoch: 1, streams, permitTxId },
      answerSchema: ReleaseAnswer,
      deadlineMs: 10_000,
    });
  const bundleId = await network.request({ streams: 2 });
  const view = await network.until(bundleId, isActive);
  const selection = selectionOf(view);
  const argument = { bundleId, epoch: 1, streams: [0, 1] };
  const permit = await ledger.submit(TRANSACTIONS.authorizeRelease, argument);
  for (const permitTxId of [view.dealings[0]?.txId ?? '', permit.txId]) {
    for (const witness of selection.witnesses) await release(witness, bundleId, permitTxId, [0, 1]);
  }
  await ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: [0] });
  await network.untilAttested(bundleId, selection.witnesses);

  const ended = await network.request();
  await network.until(ended, isActive);
  await ledger.submit(TRANSACTIONS.revokeStream, { bundleId: ended, streams: 'all' });

  for (const witness of WITNESSES) {
    await network.stopNode(witness);
    const output = join(folder, `${witness}.jsonl`);
    const data = network.placesOf(witness).dataDirectory;
    const { status, stderr } = await commandLine(['node', 'receipts', '--data', data, '--output', output]);
    if (status !== 0) throw new Error(stderr);
  }
  const profile = network.placesOf('initiator').ledgerProfile;
  const serialized: Uint8Array[] = [];
  const signal = AbortSignal.timeout(20_000);
  const fabricProfile = await readFabricProfile(profile);
  for await (const block of readChannelBlocks(fabricProfile, signal)) serialized.push(block);
  return {
    serialized,
    blocks: serialized.map((block) => decodeChannelBlock(block, fabricProfile.chaincode)),
    receipts: await readLogs(folder),
    folder,
    profile,
    halfEnded: await network.until(bundleId, ({ ends }) => ends.length > 0),
    ended: await network.until(ended, ({ ends }) => ends.length > 0),
    signerOf: (witness) => {
      const { keysDirectory } = network.placesOf(witness);
      return newEd25519Signer(loadNodeKeys(keysDirectory, { nodeId: witness, role: 'witness' }).seeds.sign);
    },
  };
}

async function readLogs(folder: string): Promise<readonly RecordedLog[]> {
  const logs: RecordedLog[] = [];
  for (const { name, lines } of await findReceiptFiles([folder])) {
    const read: RecordedLog['lines'][number][] = [];
    for await (const line of lines) {
      if (line !== undefined && 'unread' in line) throw new RangeError(line.unread);
      read.push(line);
    }
    logs.push({ name, lines: read });
  }
  return logs;
}
