import { randomUUID } from 'node:crypto';
import type { EmbeddedLedgerOptions } from '@eko/embedded-ledger';
import type { RunningNode } from '@eko/node-kit';
import { startOrchestrator } from '@eko/orchestrator';
import { type RequestStreams } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, destructionsBy, type BundleView, type NodeRole } from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';
import { EndpointPolicy, NodeClient, type NodeKeys } from '@eko/sdk/node';
import { startWitness } from '@eko/witness';
import { LedgerHarness } from './ledger-harness';
import { nodeHost } from './node-host';
import { registerMember, type LiveMember } from './live-member';
import { streamPolicy, streamsOf } from '../data/stream-request';
import { until } from '../until';

const LOCAL = { host: '127.0.0.1', operationsHost: '127.0.0.1', operationsPort: 0 } as const;

const ORCHESTRATOR_SETTINGS = {
  leadSilenceMs: 1_000,
  attemptMs: 5_000,
  retryMs: 100,
  streamsAtOnce: 512,
  setupMs: 60_000,
  eventWaitMs: 2_000,
  heartbeatMs: 500,
  gatherMs: 300,
  submitMs: 20_000,
  viewBoundMs: 6_000,
};

const WITNESS_SETTINGS = {
  permitLifetimeMs: 5_000,
  clockToleranceMs: 2_000,
  viewBoundMs: 6_000,
  eventWaitMs: 2_000,
  unrecordedLimitMs: 120_000,
  showReceiptsMs: 100,
  mostShares: 1_048_576,
};

/** A party of the network: its keys, its own way to the ledger and to the nodes. */
export interface LiveParty {
  readonly nodeId: string;
  readonly keys: NodeKeys;
  readonly ledger: Ledger;
  readonly client: NodeClient;
}

/** Real orchestrators and witnesses over TLS on a real embedded ledger, all in this process. */
export class LiveNetwork {
  readonly parties = new Map<string, LiveParty>();
  readonly #ledger: LedgerHarness;
  readonly #members = new Map<string, LiveMember>();
  readonly #running = new Map<string, RunningNode>();

  private constructor(ledger: LedgerHarness) {
    this.#ledger = ledger;
  }

  /** Starts the ledger, registers everybody, starts every node. */
  static async start(size: {
    orchestrators: number;
    witnesses: number;
    contracts?: EmbeddedLedgerOptions['contracts'];
  }): Promise<LiveNetwork> {
    const { contracts } = size;
    const ledger = await LedgerHarness.start({
      channel: 'live-channel',
      organisations: 3,
      ...(contracts && { contracts }),
    });
    const network = new LiveNetwork(ledger);
    for (const nodeId of ['initiator', 'provider']) await network.join(nodeId, 'party');
    for (let n = 0; n < size.orchestrators; n += 1) await network.join(`orchestrator-${n}`, 'orchestrator');
    for (let n = 0; n < size.witnesses; n += 1) await network.join(`witness-${n}`, 'witness');
    await network.party('provider').ledger.submit(TRANSACTIONS.publishOffer, {
      nodeId: 'provider',
      offer: {
        offerId: 'standing',
        dataTypes: ['telemetry'],
        permissions: ['read', 'write'],
        maxDurationSeconds: 3_600,
        msps: ledger.organisations.map(({ mspId }) => mspId),
        minQuorum: 1,
        maxWitnesses: 4,
        minDealers: 1,
        maxPerOrg: 3,
        quorumInOneOrg: true,
      },
    });
    const nodes = [...network.#members.values()].filter(({ role }) => role !== 'party');
    await Promise.all(nodes.map(({ nodeId }) => network.startNode(nodeId)));
    return network;
  }

  party(nodeId: string): LiveParty {
    const party = this.parties.get(nodeId);
    if (party === undefined) throw new RangeError(`the network has no party ${nodeId}`);
    return party;
  }

  /** Where a member's keys, profile and data lie, and its own port: a party listens for streams there. */
  placesOf(nodeId: string): LiveMember {
    return this.#member(nodeId);
  }

  /** `host:port` of the ledger. */
  get ledgerAddress(): string {
    return this.#ledger.running.address;
  }

  async startNode(nodeId: string): Promise<void> {
    const { role, ...settings } = this.#settings(nodeId);
    const node =
      role === 'witness'
        ? await startWitness({ ...settings, ...WITNESS_SETTINGS }, nodeHost())
        : await startOrchestrator({ ...settings, ...ORCHESTRATOR_SETTINGS }, nodeHost());
    this.#running.set(nodeId, node);
  }

  async stopNode(nodeId: string): Promise<void> {
    await this.#running.get(nodeId)?.stop();
    this.#running.delete(nodeId);
  }

  /** Asks for streams as the initiator; the standing offer accepts them. */
  async request(
    change: { streams?: number; policy?: Partial<RequestStreams['policy']> } = {},
  ): Promise<string> {
    const bundleId = randomUUID();
    await this.party('initiator').ledger.submit(TRANSACTIONS.requestStreams, {
      bundleId,
      policy: streamPolicy(change.policy),
      requests: streamsOf('telemetry', change.streams),
    });
    return bundleId;
  }

  /** What the ledger holds of a bundle as soon as it satisfies `condition`. */
  async until(
    bundleId: string,
    condition: (view: BundleView) => boolean,
    deadlineMs?: number,
  ): Promise<BundleView> {
    const { ledger } = this.party('initiator');
    const look = async () => {
      const view = await ledger.evaluate(TRANSACTIONS.readBundle, { bundleId });
      return condition(view) ? view : undefined;
    };
    return until(`${bundleId}: ${condition.toString()}`, look, deadlineMs);
  }

  /** Waits until all these nodes have attested that what they held of a bundle is gone. */
  async untilAttested(bundleId: string, nodeIds: readonly string[]): Promise<void> {
    const missing = new Set(nodeIds);
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(20_000)]);
    for await (const event of this.party('initiator').ledger.events({ signal })) {
      if (event.name !== EVENTS.destructionAttested) continue;
      for (const nodeId of missing)
        if (destructionsBy(event.payload.record, nodeId).some((entry) => entry.bundleId === bundleId))
          missing.delete(nodeId);
      if (missing.size === 0) enough.abort();
    }
    if (missing.size > 0) throw new Error(`${[...missing].join()} did not attest`);
  }

  /** What the running nodes of a role measure, one figure each. */
  async metric(role: NodeRole, name: string): Promise<readonly number[]> {
    const figures: number[] = [];
    for (const [nodeId, { ready }] of this.#running) {
      if (this.#member(nodeId).role !== role) continue;
      const answer = await fetch(`http://127.0.0.1:${String(ready['operations'])}/metrics`);
      const line = (await answer.text()).split('\n').find((text) => text.startsWith(`${name} `));
      figures.push(Number(line?.split(' ')[1] ?? Number.NaN));
    }
    return figures;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((node) => node.stop()));
    for (const { client, ledger, keys } of this.parties.values()) {
      client.close();
      ledger.close();
      keys.dispose();
    }
    await this.#ledger.stop();
  }

  #settings(nodeId: string) {
    return {
      ...this.#member(nodeId),
      ...LOCAL,
      allowAddresses: ['127.0.0.0/8'],
      logLevel: 'silent' as const,
    };
  }

  #member(nodeId: string): LiveMember {
    const member = this.#members.get(nodeId);
    if (member === undefined) throw new RangeError(`the network has no ${nodeId}`);
    return member;
  }

  /** Makes a node's keys and registers it. */
  async join(nodeId: string, role: NodeRole): Promise<void> {
    const organisation = this.#ledger.organisation(this.#members.size % this.#ledger.organisations.length);
    const { keys, ledger, member } = await registerMember({
      nodeId,
      role,
      organisation,
      harness: this.#ledger,
    });
    this.#members.set(nodeId, member);
    if (role !== 'party') {
      ledger.close();
      keys.dispose();
      return;
    }
    const endpoints = new EndpointPolicy({ allowAddresses: ['127.0.0.0/8'] });
    this.parties.set(nodeId, { nodeId, keys, ledger, client: new NodeClient({ tls: keys.tls, endpoints }) });
  }
}
