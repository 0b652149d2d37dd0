import { EkoError, type EndReason, type RequestStreams, type StreamPolicy } from '@eko/protocol';
import {
  EVENTS,
  TRANSACTIONS,
  endOf,
  type AttestDestruction,
  type Attestation,
  type AuthorizeRelease,
  type BundleRecord,
  type BundleReference,
  type EndRecord,
  type EndStream,
  type NodeReference,
  type RevokeStream,
} from '@eko/protocol/ledger';
import { hashText } from '@eko/protocol/crypto';
import { EkoClient, type EkoClientOptions } from '@eko/sdk';
import { ATTESTATION_BOUNDS, EndpointPolicy, type PartyKeys } from '@eko/sdk/node';
import {
  bundleOf,
  dealBundle,
  newNodes,
  policyOf,
  firstOf,
  type DealtBundle,
  type DealtBundleOptions,
} from './dealt-bundle';
import { INITIATOR, PROVIDER } from './simulated-dealing';
import { FakeLedger } from './fake-ledger';
import { SimulatedNetwork } from './simulated-network';
import { newSimulatedNode, type SimulatedNode } from './simulated-node';

const LOOPBACK = new EndpointPolicy({ allowAddresses: ['127.0.0.0/8'] });

/**
 * A whole EKO in one process for tests of clients: a ledger that keeps the contract's main rules, dealers that deal when
 * they are told, witnesses that release; cryptography and TLS are real.
 */
export class ClientHarness {
  readonly ledger = new FakeLedger();
  readonly nodes: Map<string, SimulatedNode>;
  readonly policy: StreamPolicy;
  /** Deal each bundle as soon as it is requested. */
  dealsAtOnce = true;
  /** What each party reaches of the others. */
  readonly networks = new Map([INITIATOR, PROVIDER].map((party) => [party, new SimulatedNetwork(party)]));
  readonly attestations: Attestation[] = [];
  readonly #bundles = new Map<string, BundleRecord>();
  readonly #dealt = new Map<string, DealtBundle>();
  readonly #ends: EndRecord[] = [];
  readonly #attestationWaiters: (() => void)[] = [];

  constructor(options: DealtBundleOptions = {}) {
    this.policy = policyOf(options);
    this.nodes = newNodes(options.dealers ?? 2, options.witnesses ?? 4);
    const { ledger } = this;
    ledger
      .handle(TRANSACTIONS.listNodes, () => ({ result: { nodes: this.#records() } }))
      .handle(TRANSACTIONS.heartbeat, ({ nodeId }: NodeReference) => ({
        result: {},
        event: { name: EVENTS.heartbeat, payload: { nodeId, atUnixMs: Date.now() } },
      }))
      .handle(TRANSACTIONS.readBundle, ({ bundleId }: BundleReference) => ({
        result: { ...this.#requested(bundleId), dealings: [], ends: this.#endsOf(bundleId) },
      }))
      .handle(TRANSACTIONS.requestStreams, (argument: RequestStreams) => this.#request(argument))
      .handle(TRANSACTIONS.authorizeRelease, (argument: AuthorizeRelease, { txId }) => {
        this.#refuseEnded(argument.bundleId, argument.streams);
        for (const network of this.networks.values()) network.permits.add(txId);
        const permit = { ...argument, party: INITIATOR, txId, atUnixMs: Date.now() };
        return { result: permit, event: { name: EVENTS.releaseAuthorized, payload: { permit } } };
      })
      .handle(TRANSACTIONS.endStream, ({ reason, ...of }: EndStream, { txId }) => this.#end(of, reason, txId))
      .handle(TRANSACTIONS.revokeStream, (of: RevokeStream, { txId }) => this.#end(of, 'revoked', txId))
      .handle(TRANSACTIONS.attestDestruction, ({ attestations }: AttestDestruction, { txId }) => {
        for (const { bundleId, streams } of attestations.flatMap(({ destructions }) => destructions))
          for (const index of streams === 'all' ? [undefined] : streams)
            if (endOf(this.#endsOf(bundleId), index ?? -1) === undefined)
              throw new EkoError('BAD_STATE', 'not ended');
        this.attestations.push(...attestations);
        for (const waiter of this.#attestationWaiters.splice(0)) waiter();
        const by = attestations[0]?.nodeId ?? '';
        const record = { attestations, by, txId, atUnixMs: Date.now() };
        return { result: { skipped: [] }, event: { name: EVENTS.destructionAttested, payload: { record } } };
      });
  }

  /** Connects a party. */
  connect(party: string, options: Partial<EkoClientOptions> = {}): Promise<EkoClient> {
    const peers = this.networks.get(party);
    if (peers === undefined) throw new RangeError(party);
    const bounds = {
      attestMs: 1,
      // The dealers of this harness gather nothing.
      attestation: { ...ATTESTATION_BOUNDS, refusedAfterMs: 0, awayMs: 1 },
      collection: {
        deadlineMs: 10_000,
        callMs: 5_000,
        hedgeMs: 200,
        retryFirstMs: 1,
        retryMostMs: 20,
      },
      ...options.bounds,
    };
    const means = { keys: this.keysOf(party), peers, endpoints: LOOPBACK };
    return EkoClient.connect({ ledger: this.ledger, ...means, ...options, bounds });
  }

  keysOf(nodeId: string): PartyKeys {
    const node = this.nodes.get(nodeId);
    if (node === undefined) throw new RangeError(nodeId);
    return { nodeId, kem: node.kem, sign: node.sign, prove: node.prove };
  }

  /** Says where the provider listens; a client that is connected hears of it by an event. */
  register(streamAddress: string): void {
    const provider = this.nodes.get(PROVIDER) ?? newSimulatedNode(PROVIDER, 'party');
    const record = { ...provider.record, streamAddress };
    this.nodes.set(PROVIDER, { ...provider, record });
    this.ledger.emit({ name: EVENTS.nodeUpdated, payload: { node: record } });
  }

  /** The orchestrators deal a bundle. */
  deal(bundleId: string): void {
    const bundle = this.#bundles.get(bundleId);
    if (bundle === undefined) throw new RangeError(bundleId);
    const names = [...this.nodes.keys()].filter((nodeId) => nodeId.startsWith('witness'));
    const selection = firstOf(names, bundle.policy.witnesses.count);
    const dealt = dealBundle(bundle, selection, this.nodes);
    this.#dealt.set(bundleId, dealt);
    for (const network of this.networks.values()) network.add(dealt);
    this.ledger.emit({ name: EVENTS.dealingsRecorded, payload: { record: dealt.record } });
  }

  /** The epoch key of a stream, in hex. */
  epochKey(bundleId: string, index: number): string | undefined {
    return this.#dealt.get(bundleId)?.epochKeys[index];
  }

  /** Resolves with the next attestation. */
  nextAttestation(): Promise<void> {
    return new Promise((resolve) => this.#attestationWaiters.push(resolve));
  }

  #records() {
    return [...this.nodes.values()].map(({ record }) => record);
  }

  #requested(bundleId: string) {
    const bundle = this.#bundles.get(bundleId);
    if (bundle === undefined) throw new EkoError('NOT_FOUND', bundleId);
    return { bundle, assignments: [assignmentOf(bundle)] };
  }

  #request(argument: RequestStreams) {
    const { bundleId, policy, requests } = argument;
    const known = this.#bundles.get(bundleId);
    const bundle = known ?? { ...bundleOf(policy, requests.length, bundleId), requests };
    const result = { bundle, assignment: assignmentOf(bundle) };
    if (known !== undefined) return { result };
    this.#bundles.set(bundleId, bundle);
    if (this.dealsAtOnce)
      setImmediate(() => {
        this.deal(bundleId);
      });
    return { result, event: { name: EVENTS.streamsRequested, payload: result } };
  }

  #end(
    { bundleId, streams, note }: Pick<EndStream, 'bundleId' | 'streams' | 'note'>,
    reason: EndReason,
    txId: string,
  ) {
    this.#refuseEnded(bundleId, streams);
    const ends = (streams === 'all' ? [undefined] : streams).map((index) => ({
      bundleId,
      ...(index === undefined ? {} : { index }),
      ...(note === undefined ? {} : { note }),
      reason,
      by: PROVIDER,
      txId,
      atUnixMs: Date.now(),
    }));
    this.#ends.push(...ends);
    return { result: { ends }, event: { name: EVENTS.streamsEnded, payload: { ends } } };
  }

  #endsOf(bundleId: string): readonly EndRecord[] {
    return this.#ends.filter((end) => end.bundleId === bundleId);
  }

  #refuseEnded(bundleId: string, streams: 'all' | readonly number[]): void {
    for (const index of streams === 'all' ? [-1] : streams)
      if (endOf(this.#endsOf(bundleId), index) !== undefined) throw new EkoError('STREAM_ENDED', 'ended');
  }
}

function assignmentOf({ bundleId, requestTxId, requestedAtUnixMs }: BundleRecord) {
  return {
    bundleId,
    fence: 0,
    seed: hashText(Buffer.from('seed')),
    orchestrators: ['dealer-1', 'dealer-2'],
    txId: requestTxId,
    atUnixMs: requestedAtUnixMs,
  };
}
