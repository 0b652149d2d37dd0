import { randomUUID } from 'node:crypto';
import { type StreamPolicy } from '@eko/protocol';
import { deriveEpochKey, hashText } from '@eko/protocol/crypto';
import {
  policyHash,
  type BundleRecord,
  type BundleView,
  type DealingsRecord,
  type Selection,
} from '@eko/protocol/ledger';
import { streamPolicy } from '../data/stream-request';
import { txIdOf } from './fake-ledger';
import {
  INITIATOR,
  PROVIDER,
  newSimulatedDealing,
  randomContribution,
  type DealerFault,
  type SimulatedDealing,
} from './simulated-dealing';
import { newSimulatedNode, type SimulatedNode } from './simulated-node';

/** What a simulated bundle is like; everything else follows. */
export interface DealtBundleOptions {
  readonly streams?: number;
  readonly dealers?: number;
  /** Witnesses of the roster, of whom `count` are drawn. */
  readonly witnesses?: number;
  readonly count?: number;
  readonly quorum?: number;
  readonly witnessesCanVerify?: boolean;
  /** Streams of the first dealer whose shares do not give the contribution it publishes. */
  readonly wrongDealings?: readonly number[];
  /** What else the first dealer does wrong. */
  readonly dealerFault?: DealerFault;
  readonly nodes?: ReadonlyMap<string, SimulatedNode>;
}

/** A bundle as the ledger has it, and all that is behind it. */
export interface DealtBundle {
  readonly view: BundleView;
  readonly record: DealingsRecord;
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  readonly dealings: readonly SimulatedDealing[];
  /** Each stream's epoch key, in hex. */
  readonly epochKeys: readonly string[];
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

/** The nodes of a simulated network. */
export function newNodes(dealers: number, witnesses: number): Map<string, SimulatedNode> {
  const nodes = [
    newSimulatedNode(INITIATOR, 'party'),
    newSimulatedNode(PROVIDER, 'party'),
    ...numbered('dealer', dealers).map((nodeId) => newSimulatedNode(nodeId, 'orchestrator')),
    ...numbered('witness', witnesses).map((nodeId) => newSimulatedNode(nodeId, 'witness')),
  ];
  return new Map(nodes.map((node) => [node.record.nodeId, node]));
}

/** The policy of a simulated bundle. */
export function policyOf(options: DealtBundleOptions): StreamPolicy {
  return streamPolicy({
    provider: PROVIDER,
    witnesses: {
      count: options.count ?? 3,
      quorum: options.quorum ?? 2,
      witnessesCanVerify: options.witnessesCanVerify ?? false,
      maxPerOrg: 16,
    },
    dealers: options.dealers ?? 2,
  });
}

/** The record of a requested bundle. */
export function bundleOf(
  policy: StreamPolicy,
  streams: number,
  bundleId: string = randomUUID(),
): BundleRecord {
  return {
    bundleId,
    initiator: INITIATOR,
    initiatorMsp: 'Org1MSP',
    providerMsp: 'Org2MSP',
    policy,
    policyHash: policyHash(policy),
    requests: Array.from({ length: streams }, () => ({ dataType: 'file', permissions: ['read'] })),
    requestHash: hashText(Buffer.from(bundleId)),
    requestTxId: txIdOf(bundleId),
    requestedAtUnixMs: Date.now(),
    notAfterUnixMs: Date.now() + policy.durationSeconds * 1_000,
    rosterVersion: 1,
    orchestratorRosterVersion: 1,
    offerId: 'standing',
  };
}

/** Deals a bundle with real cryptography. */
export function newDealtBundle(options: DealtBundleOptions = {}): DealtBundle {
  const { streams = 3, dealers = 2, witnesses = 4 } = options;
  const nodes = options.nodes ?? newNodes(dealers, witnesses);
  const policy = policyOf(options);
  const selection = firstOf(numbered('witness', witnesses), policy.witnesses.count);
  const bundle = bundleOf(policy, streams);
  return dealBundle(bundle, selection, nodes, options.wrongDealings ?? [], options.dealerFault);
}

/** A draw that took the first of a roster. */
export function firstOf(roster: readonly string[], count: number): Selection {
  return { seed: hashText(Buffer.from('seed')), witnesses: roster.slice(0, count) };
}

/** Deals a bundle that was requested. */
export function dealBundle(
  bundle: BundleRecord,
  selection: Selection,
  nodes: ReadonlyMap<string, SimulatedNode>,
  wrongDealings: readonly number[] = [],
  dealerFault?: DealerFault,
): DealtBundle {
  const { bundleId, requestTxId, policyHash: hash } = bundle;
  const dealers = numbered('dealer', bundle.policy.dealers);
  const contributions = bundle.requests.map(() => dealers.map(() => randomContribution()));
  const dealings = dealers.map((dealer, place) =>
    newSimulatedDealing({
      bundle,
      selection,
      nodes,
      dealer,
      contributions: contributions.map((ofStream) => ofStream[place] ?? randomContribution()),
      wrongDealings: place === 0 ? wrongDealings : [],
      ...(place > 0 || dealerFault === undefined ? {} : { fault: dealerFault }),
    }),
  );
  const record: DealingsRecord = {
    bundleId,
    epoch: 1,
    fence: 0,
    proofs: [],
    selection,
    dealings: dealings.map(({ dealing }) => dealing),
    by: 'dealer-1',
    txId: txIdOf(`${bundleId} dealings`),
    atUnixMs: Date.now(),
  };
  const epochKeys = contributions.map((ofStream, index) =>
    deriveEpochKey({ bundleId, index, requestTxId, policyHash: hash, epoch: 1 }, ofStream).use((bytes) =>
      Buffer.from(bytes).toString('hex'),
    ),
  );
  const assignment = {
    bundleId,
    fence: 0,
    seed: hashText(Buffer.from('seed')),
    orchestrators: dealers,
    txId: requestTxId,
    atUnixMs: bundle.requestedAtUnixMs,
  };
  const view = { bundle, assignments: [assignment], dealings: [record], ends: [] };
  return { view, record, nodes, dealings, epochKeys };
}
