import { EkoError } from '@eko/protocol';
import {
  AcceptanceRecord,
  AssignmentRecord,
  BundleRecord,
  DealingsRecord,
  EndRecord,
  NodeRecord,
  Roster,
  type ChosenRole,
} from '@eko/protocol/ledger';
import { parseWith, type Static, type TSchema } from '@eko/protocol/encoding';
import type { Ledger } from './ledger-port';
import {
  acceptanceKey,
  assignmentKey,
  bundleKey,
  dealingsKey,
  endKey,
  nodeKey,
  rosterKey,
} from './state-keys';

/**
 * Reads the record at a key.
 * @throws EkoError `CORRUPT_RECORD` if what is there does not fit the schema
 */
export async function readRecord<T extends TSchema>(
  ledger: Ledger,
  schema: T,
  key: string,
): Promise<Static<T> | undefined> {
  const value = await ledger.get(key);
  return value === undefined ? undefined : parseWith(schema, value, `ledger record ${key}`, 'CORRUPT_RECORD');
}

/**
 * Writes a fact that must not be there yet.
 * @throws EkoError `ALREADY_EXISTS`
 */
export async function putOnce(ledger: Ledger, key: string, value: object): Promise<void> {
  if ((await ledger.get(key)) !== undefined)
    throw new EkoError('ALREADY_EXISTS', `${key} is on the ledger already and is written once`, {
      details: { key },
    });
  await ledger.put(key, value);
}

/** A bundle's request. @throws EkoError `NOT_FOUND` */
export async function requireBundle(ledger: Ledger, bundleId: string): Promise<BundleRecord> {
  const bundle = await readRecord(ledger, BundleRecord, bundleKey(bundleId));
  if (bundle === undefined)
    throw new EkoError('NOT_FOUND', `There is no bundle ${bundleId}`, { details: { bundleId } });
  return bundle;
}

/** A node's record. @throws EkoError `NOT_FOUND` */
export async function requireNode(ledger: Ledger, nodeId: string): Promise<NodeRecord> {
  const node = await readNode(ledger, nodeId);
  if (node === undefined)
    throw new EkoError('NOT_FOUND', `No node ${nodeId} is registered`, { details: { nodeId } });
  return node;
}

/** A node's record, if it is registered. */
export const readNode = (ledger: Ledger, nodeId: string) => readRecord(ledger, NodeRecord, nodeKey(nodeId));

/** The provider's own consent, if it is given. */
export const readAcceptance = (ledger: Ledger, bundleId: string) =>
  readRecord(ledger, AcceptanceRecord, acceptanceKey(bundleId));

/** The assignment of one fence, if it was made. */
export const readAssignment = (ledger: Ledger, bundleId: string, fence: number) =>
  readRecord(ledger, AssignmentRecord, assignmentKey(bundleId, fence));

/** Draw and dealings of an epoch, if they are recorded. */
export const readDealings = (ledger: Ledger, bundleId: string, epoch: number) =>
  readRecord(ledger, DealingsRecord, dealingsKey(bundleId, epoch));

/** The tombstone of a bundle, or of one stream of it, if it has ended. */
export const readEnd = (ledger: Ledger, bundleId: string, index?: number) =>
  readRecord(ledger, EndRecord, endKey(bundleId, index));

/** The roster of a role; empty, of version 0, before the first node. */
export async function readRoster(ledger: Ledger, role: ChosenRole): Promise<Roster> {
  return (await readRecord(ledger, Roster, rosterKey(role))) ?? { version: 0, entries: [] };
}
