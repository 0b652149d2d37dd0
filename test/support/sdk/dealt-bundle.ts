import { randomBytes, randomUUID } from 'node:crypto';
import {
  ENVELOPE_SUITE,
  LABELS,
  SecretBytes,
  dealingStatement,
  decodeBase64Url,
  deriveCheckValue,
  deriveEpochKey,
  encodeBase64Url,
  encodeCommitmentSheet,
  hashText,
  holdersOf,
  newContributionShares,
  policyHash,
  sealShareEnvelope,
  shareCommitment,
  sharingStructureOf,
  signRecord,
  witnessesOf,
  type BundleRecord,
  type BundleView,
  type Dealing,
  type DealingContext,
  type DealingsRecord,
  type EnvelopeDelivery,
  type Selection,
  type Share,
  type ShareEntry,
  type StreamPolicy,
} from '@eko/protocol';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { txIdOf } from './fake-ledger';
import { newSimulatedNode, type SimulatedNode } from './simulated-node';

export const CHANNEL = 'testchannel';
export const INITIATOR = 'initiator';
export const PROVIDER = 'provider';

/** What a simulated bundle is like; everything else follows. */
export interface DealtBundleOptions {
  readonly streams?: number;
  readonly dealers?: number;
  /** Witnesses of the roster, of whom each stream has `count`. */
  readonly witnesses?: number;
  readonly count?: number;
  readonly quorum?: number;
  readonly witnessesCanVerify?: boolean;
  /** Streams of the first dealer whose shares do not give the contribution it publishes. */
  readonly wrongDealings?: readonly number[];
  readonly nodes?: ReadonlyMap<string, SimulatedNode>;
}

/** One dealer's dealing with everything that it handed out. */
export interface SimulatedDealing {
  readonly dealing: Dealing;
  readonly context: DealingContext;
  /** What each holder got sealed. */
  readonly deliveries: ReadonlyMap<string, EnvelopeDelivery>;
  /** The same in the clear, as a witness keeps it. */
  readonly shares: ReadonlyMap<string, readonly ShareEntry[]>;
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
  return {
    provider: PROVIDER,
    durationSeconds: 600,
    witnesses: {
      count: options.count ?? 3,
      quorum: options.quorum ?? 2,
      witnessesCanVerify: options.witnessesCanVerify ?? false,
      maxPerOrg: 16,
    },
    dealers: options.dealers ?? 2,
    onLedgerLoss: 'close',
  };
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
  const selection = selectionInRing(numbered('witness', witnesses), streams, policy.witnesses.count);
  const bundle = bundleOf(policy, streams);
  return dealBundle(bundle, selection, nodes, options.wrongDealings ?? []);
}

/** Stream `i` is served by `count` witnesses from place `i` on, in a ring. */
export function selectionInRing(roster: readonly string[], streams: number, count: number): Selection {
  const drawn = Array.from({ length: streams }, (_, index) =>
    Array.from({ length: count }, (__, place) => roster[(index + place) % roster.length] ?? ''),
  );
  const witnesses = [...new Set(drawn.flat())].sort();
  return {
    seed: hashText(Buffer.from('seed')),
    witnesses,
    draws: drawn.map((names) => names.map((name) => witnesses.indexOf(name))),
  };
}

/** Deals a bundle that was requested. */
export function dealBundle(
  bundle: BundleRecord,
  selection: Selection,
  nodes: ReadonlyMap<string, SimulatedNode>,
  wrongDealings: readonly number[] = [],
): DealtBundle {
  const { bundleId, requestTxId, policyHash: hash } = bundle;
  const dealers = numbered('dealer', bundle.policy.dealers);
  const contributions = bundle.requests.map(() => dealers.map(() => randomContribution()));
  const dealings = dealers.map((dealer, place) =>
    deal({
      bundle,
      selection,
      nodes,
      dealer,
      contributions: contributions.map((ofStream) => ofStream[place] ?? randomContribution()),
      wrongDealings: place === 0 ? wrongDealings : [],
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
    orchestrators: dealers,
    replaced: [],
    txId: requestTxId,
    atUnixMs: bundle.requestedAtUnixMs,
  };
  const view = { bundle, assignments: [assignment], dealings: [record], ends: [] };
  return { view, record, nodes, dealings, epochKeys };
}

function randomContribution(): SecretBytes<'contribution'> {
  return new SecretBytes('contribution', new Uint8Array(randomBytes(32)));
}

function deal(input: {
  readonly bundle: BundleRecord;
  readonly selection: Selection;
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  readonly dealer: string;
  readonly contributions: readonly SecretBytes<'contribution'>[];
  readonly wrongDealings: readonly number[];
}): SimulatedDealing {
  const { bundle, selection, nodes, dealer, contributions, wrongDealings } = input;
  const { bundleId, requestTxId, policyHash: hash, policy } = bundle;
  const dealingId = encodeBase64Url(randomBytes(16));
  const context = { channel: CHANNEL, bundleId, epoch: 1, requestTxId, policyHash: hash, dealer, dealingId };
  const holders = holdersOf(bundle, selection);
  const structure = sharingStructureOf(policy.witnesses);
  const shares = new Map<string, ShareEntry[]>(holders.map((holder) => [holder, []]));
  const sheet = encodeCommitmentSheet({
    holders,
    streams: contributions.map((contribution, streamIndex) => {
      const ofStream = witnessesOf(selection, streamIndex);
      const dealt = wrongDealings.includes(streamIndex) ? randomContribution() : contribution;
      const parts = dealt.use((bytes) =>
        newContributionShares(
          { ...structure, witnesses: ofStream.length },
          bytes,
          (length) => new Uint8Array(randomBytes(length)),
        ),
      );
      const give = (holder: string, part: Share) => {
        const entry: ShareEntry = {
          streamIndex,
          shareIndex: part.index,
          share: new SecretBytes('share', part.bytes),
          salt: new SecretBytes('share salt', new Uint8Array(randomBytes(32))),
        };
        shares.get(holder)?.push(entry);
        return {
          holder: holders.indexOf(holder),
          shareIndex: part.index,
          commitment: shareCommitment(context, holder, entry),
        };
      };
      const entries = [
        give(INITIATOR, parts.initiator),
        give(PROVIDER, parts.provider),
        ...ofStream.map((holder, place) => give(holder, parts.witnesses[place] ?? parts.initiator)),
      ].sort((a, b) => a.shareIndex - b.shareIndex || a.holder - b.holder);
      return { checkValue: deriveCheckValue(contribution, context, streamIndex), entries };
    }),
  });
  const sheetHash = hashText(sheet);
  const envelopes = holders.map((holder) =>
    sealShareEnvelope(
      {
        context,
        holder,
        holderPublicKey: decodeBase64Url(nodes.get(holder)?.record.keys.kem.publicKey ?? ''),
        sheetHash,
        entries: shares.get(holder) ?? [],
      },
      nodeHpkePrimitives,
    ),
  );
  const unsigned = {
    dealer,
    dealingId,
    suite: ENVELOPE_SUITE,
    sheetHash,
    envelopes: envelopes.map(hashText),
  } as const;
  const statement = dealingStatement({
    channel: CHANNEL,
    bundle,
    epoch: 1,
    fence: 0,
    holders,
    dealing: { ...unsigned, envelopes: [...unsigned.envelopes] },
  });
  const sign = nodes.get(dealer)?.sign;
  if (sign === undefined) throw new RangeError(`no node ${dealer}`);
  const dealing: Dealing = {
    ...unsigned,
    envelopes: [...unsigned.envelopes],
    signature: signRecord(LABELS.dealingSignature, statement, sign),
  };
  const deliveries = new Map(
    holders.map((holder, place) => [
      holder,
      {
        bundleId,
        epoch: 1,
        fence: 0,
        dealing,
        holders: [...holders],
        envelope: encodeBase64Url(envelopes[place] ?? new Uint8Array()),
        sheet: encodeBase64Url(sheet),
      },
    ]),
  );
  return { dealing, context, deliveries, shares };
}
