import {
  type AssignmentRecord,
  type AcceptanceRecord,
  type AttestationRecord,
  type BundleRecord,
  type BundleTerms,
  type DealingsRecord,
  type Destruction,
  type EndRecord,
  type LedgerEvent,
  type NodeRecord,
  type NodeRole,
  type PermitRecord,
  EVENTS,
  bundleTermsOf,
} from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';

/** Records and events as the ledger would write them, for tests of what nodes make of them. */

export const BUNDLE_ID = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';
export const hash = (fill: string): string => `${fill.repeat(42)}A`;
export const txId = (n: number): string => n.toString(16).padStart(64, '0');

export function bundleRecord(change: Partial<BundleRecord> = {}): BundleRecord {
  return {
    bundleId: BUNDLE_ID,
    initiator: 'initiator',
    initiatorMsp: 'Org1MSP',
    providerMsp: 'Org2MSP',
    policy: {
      provider: 'provider',
      durationSeconds: 600,
      witnesses: { count: 2, quorum: 1, witnessesCanVerify: false, maxPerOrg: 16 },
      dealers: 1,
      onLedgerLoss: 'close',
    },
    policyHash: hash('p'),
    requests: [
      { dataType: 'file', permissions: ['read'] },
      { dataType: 'file', permissions: ['read'] },
    ],
    requestHash: hash('r'),
    requestTxId: txId(1),
    requestedAtUnixMs: 1_000_000,
    notAfterUnixMs: 1_600_000,
    rosterVersion: 3,
    orchestratorRosterVersion: 1,
    offerId: 'standing',
    ...change,
  };
}

/** What the consent to `bundleRecord` tells of it. */
export const bundleTerms = (change: Partial<BundleTerms> = {}): BundleTerms => ({
  ...bundleTermsOf(bundleRecord()),
  ...change,
});

/** An active node with these public keys; what else it has registered matters to nobody. */
export function nodeRecord(
  nodeId: string,
  role: NodeRole,
  keys: {
    readonly kem?: Uint8Array;
    readonly vrf?: Uint8Array;
    readonly sign?: string;
    readonly tls?: string;
  },
  change: Partial<NodeRecord> = {},
): NodeRecord {
  const { kem, vrf, sign = hash('s'), tls = 'AAAA' } = keys;
  return {
    nodeId,
    role,
    mspId: 'Org1MSP',
    identity: hash('n'),
    status: 'active',
    keyEpoch: 1,
    keys: {
      tls,
      kem: { suite: 'x25519', publicKey: kem === undefined ? hash('k') : encodeBase64Url(kem) },
      sign,
      ...(vrf === undefined ? {} : { vrf: encodeBase64Url(vrf) }),
    },
    offers: [],
    txId: txId(7),
    ...change,
  };
}

export function assignmentRecord(change: Partial<AssignmentRecord> = {}): AssignmentRecord {
  return {
    bundleId: BUNDLE_ID,
    fence: 0,
    seed: hash('a'),
    orchestrators: ['dealer'],
    txId: txId(1),
    atUnixMs: 1_000_000,
    ...change,
  };
}

export function acceptanceRecord(change: Partial<AcceptanceRecord> = {}): AcceptanceRecord {
  return {
    bundleId: BUNDLE_ID,
    by: 'provider',
    proof: `${'v'.repeat(106)}A`,
    txId: txId(1),
    atUnixMs: 1_000_000,
    ...change,
  };
}

/** Both streams are served by witness-a and witness-b. */
export function dealingsRecord(change: Partial<DealingsRecord> = {}): DealingsRecord {
  return {
    bundleId: BUNDLE_ID,
    epoch: 1,
    fence: 0,
    proofs: [],
    selection: { seed: hash('s'), witnesses: ['witness-a', 'witness-b'] },
    dealings: [
      {
        dealer: 'dealer',
        dealingId: dealingId('d'),
        suite: 'x25519-chacha20poly1305',
        sheetHash: hash('h'),
        envelopes: [hash('i'), hash('j'), hash('k'), hash('l')],
        signature: `${'g'.repeat(85)}A`,
      },
    ],
    by: 'dealer',
    txId: txId(2),
    atUnixMs: 1_000_500,
    ...change,
  };
}

export const dealingId = (fill: string): string => `${fill.repeat(21)}A`;

export function permitRecord(change: Partial<PermitRecord> = {}): PermitRecord {
  return {
    bundleId: BUNDLE_ID,
    epoch: 1,
    streams: 'all',
    party: 'initiator',
    txId: txId(3),
    atUnixMs: 1_001_000,
    ...change,
  };
}

export function endRecord(change: Partial<EndRecord> = {}): EndRecord {
  return {
    bundleId: BUNDLE_ID,
    reason: 'revoked',
    by: 'provider',
    txId: txId(9),
    atUnixMs: 1_002_000,
    ...change,
  };
}

/** One node's attestation as the ledger records it, submitted by another. */
export function attestationRecord(
  nodeId: string,
  destructions: Destruction[],
  block: number,
): AttestationRecord {
  const attestation = { nodeId, destructions, signature: `${'g'.repeat(85)}A` };
  return { attestations: [attestation], by: 'orchestrator-z', txId: txId(block), atUnixMs: 1_003_000 };
}

type WithoutPosition<Event> = Event extends unknown ? Omit<Event, 'blockNumber' | 'txId'> : never;

/** Gives an event its place on the ledger. */
export function at(blockNumber: number, event: WithoutPosition<LedgerEvent>): LedgerEvent {
  return { ...event, blockNumber: BigInt(blockNumber), txId: txId(blockNumber) };
}

export const requested = (block = 1): LedgerEvent =>
  at(block, {
    name: EVENTS.streamsRequested,
    payload: { bundle: bundleRecord(), assignment: assignmentRecord() },
  });
export const accepted = (block = 1): LedgerEvent =>
  at(block, {
    name: EVENTS.streamsAccepted,
    payload: { acceptance: acceptanceRecord(), assignment: assignmentRecord(), terms: bundleTerms() },
  });
export const reassigned = (block: number, assignment: AssignmentRecord): LedgerEvent =>
  at(block, {
    name: EVENTS.orchestratorsReassigned,
    payload: { assignment, consentedAtUnixMs: assignmentRecord().atUnixMs, terms: bundleTerms() },
  });
export const recorded = (block = 2, record = dealingsRecord()): LedgerEvent =>
  at(block, { name: EVENTS.dealingsRecorded, payload: { record } });
export const authorized = (block: number, permit: PermitRecord): LedgerEvent =>
  at(block, { name: EVENTS.releaseAuthorized, payload: { permit } });
export const ended = (block: number, ...ends: readonly EndRecord[]): LedgerEvent =>
  at(block, { name: EVENTS.streamsEnded, payload: { ends: [...ends] } });
