import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../network/local/src/processes/free-ports';
import { type Offer, type StreamPolicy, type StreamState } from '@eko/protocol';
import { TRANSACTIONS, streamStateOf, type BundleView } from '@eko/protocol/ledger';
import type { ClientBounds } from '@eko/sdk';
import type { LedgerChoice } from '../../../network/local/dist/dev/plan-network';
import { DevLayout } from '../../../network/local/dist/dev/dev-layout';
import { DevNetwork } from '../../../network/local/dist/dev/dev-network';
import { writeNetworkFile } from '../../../network/local/dist/dev/network-file';
import { DEV_OFFER, type PlannedNode } from '../../../network/local/dist/dev/network-plan';
import { keptPorts, planNetwork } from '../../../network/local/dist/dev/plan-network';
import { askOperations } from '../../../network/local/src/processes/ask-operations';
import { READY } from '../../../network/local/dist/dev/prepare-node';
import { streamPolicy, streamsOf } from '../data/stream-request';
import { ProcessParty } from './process-party';
import { storedShares, type SharesOnDisk } from './stored-shares';
import { until } from '../until';

/** Where a network of processes differs from the development network. */
export interface ProcessNetworkOptions {
  /** Settings on top of a node's own, by node ID. */
  readonly settings?: Readonly<Record<string, Settings>>;
  /** Bounds of both parties' clients. */
  readonly bounds?: Partial<ClientBounds>;
  /** Nodes besides those of the development network. */
  readonly moreNodes?: readonly PlannedNode[];
  /** The embedded ledger, unless another is named. */
  readonly ledger?: LedgerChoice;
  /** Who acts from within the test, in place of its process; both, unless it is said. */
  readonly parties?: readonly PartyName[];
}

/** The parties of the development network. */
export type PartyName = 'initiator' | 'provider';

type Settings = Readonly<Record<string, number>>;
type RequestChange = Partial<StreamPolicy> & { readonly streams?: number };

/** All five witnesses serve every stream, so that whichever a test hurts was drawn. */
export const FAULT_POLICY = streamPolicy({
  witnesses: { count: 5, quorum: 3, witnessesCanVerify: false, maxPerOrg: 2 },
  onLedgerLoss: 'continue',
});

/** Consents to `FAULT_POLICY`, which asks for more than the network's own offer covers. */
const FAULT_OFFER: Offer = {
  ...DEV_OFFER,
  offerId: 'faults',
  maxWitnesses: 5,
  maxPerOrg: 2,
  minDealers: 1,
  onLedgerLoss: 'continue',
};

/**
 * The development network as processes that can be killed and frozen: the ledger, two orchestrators, five witnesses, and
 * those parties that do not act from within the test. In a folder of its own.
 */
export class ProcessNetwork {
  /** Where tests may put files, too. */
  readonly folder: string;
  readonly processes: DevNetwork;
  /** Processes that ended without having been killed here. */
  readonly lost: readonly string[];
  readonly #parties = new Map<string, ProcessParty>();
  readonly #frozen = new Set<string>();
  readonly #acknowledged: string[] = [];

  private constructor(folder: string, processes: DevNetwork, lost: readonly string[]) {
    this.folder = folder;
    this.processes = processes;
    this.lost = lost;
  }

  static async start({
    settings = {},
    bounds = {},
    moreNodes = [],
    ledger,
    parties = ['provider', 'initiator'],
  }: ProcessNetworkOptions = {}): Promise<ProcessNetwork> {
    const folder = await mkdtemp(join(tmpdir(), 'eko-processes-'));
    const layout = new DevLayout(join(folder, 'network'));
    if (moreNodes.length > 0) await planMore(layout, moreNodes, ledger);
    const lost: string[] = [];
    const processes = await DevNetwork.up({
      directory: layout.directory,
      ledger,
      env: process.env,
      // A node's configuration lies there by the time it is started.
      onProgress: ({ name, step }) => {
        const change = settings[name];
        if (step === 'starting' && change !== undefined) changeSettings(layout, name, change);
      },
      onLost: (name) => lost.push(name),
    });
    const network = new ProcessNetwork(folder, processes, lost);
    for (const nodeId of parties) {
      await processes.kill(nodeId);
      const { keys, profile } = layout.node(nodeId);
      const party = await ProcessParty.open({ nodeId, keysDirectory: keys, ledgerProfile: profile, bounds });
      network.#parties.set(nodeId, party);
      if (nodeId === 'provider')
        await party.ledger.submit(TRANSACTIONS.publishOffer, { nodeId, offer: FAULT_OFFER });
    }
    return network;
  }

  get initiator(): ProcessParty {
    return this.#party('initiator');
  }

  get provider(): ProcessParty {
    return this.#party('provider');
  }

  /** The ports of a node. */
  portsOf(nodeId: string): { readonly port: number; readonly streams: number; readonly operations: number } {
    const node = this.processes.network.nodes.find((each) => each.nodeId === nodeId);
    if (node === undefined) throw new RangeError(`there is no node ${nodeId}`);
    return { port: node.port, streams: node.streamPort ?? 0, operations: node.operationsPort };
  }

  /** Sends a process a signal. */
  signal(name: string, signal: NodeJS.Signals): void {
    const pid = this.processes.pidOf(name);
    if (pid === undefined) throw new RangeError(`${name} does not run`);
    process.kill(pid, signal);
  }

  /** SIGSTOP: the process stands still, its sockets stay open. */
  freeze(...names: readonly string[]): void {
    for (const name of names) {
      this.signal(name, 'SIGSTOP');
      this.#frozen.add(name);
    }
  }

  /** SIGCONT. */
  thaw(...names: readonly string[]): void {
    for (const name of names) {
      this.#frozen.delete(name);
      this.signal(name, 'SIGCONT');
    }
  }

  /** Lets whatever stands still go on. */
  thawAll(): void {
    this.thaw(...this.#frozen);
  }

  /** SIGKILL, at once. */
  async kill(...names: readonly string[]): Promise<void> {
    for (const name of names) this.#frozen.delete(name);
    await Promise.all(names.map((name) => this.processes.kill(name)));
  }

  /** Starts what was killed, and waits until it is ready. */
  async restart(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.processes.restart(name)));
  }

  /** Whether a node says that it is ready. */
  async isReady(nodeId: string): Promise<boolean> {
    return (await askOperations(this.portsOf(nodeId).operations, READY)).isWell;
  }

  /** What a node measures, as text. */
  async metricsOf(nodeId: string): Promise<string> {
    const { operations } = this.portsOf(nodeId);
    const signal = AbortSignal.timeout(5_000);
    return (await fetch(`http://127.0.0.1:${operations}/metrics`, { signal })).text();
  }

  /** One figure of it; a sum over labels that are not named. */
  async metric(nodeId: string, name: string): Promise<number> {
    const lines = (await this.metricsOf(nodeId)).split('\n').filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Waits until a node's figure has reached `least`. */
  async untilMetric(nodeId: string, name: string, least: number, deadlineMs?: number): Promise<void> {
    await until(
      `${name} of ${nodeId} reaches ${least}`,
      async () => (await this.metric(nodeId, name)) >= least,
      deadlineMs,
    );
  }

  /** The shares that a killed witness has on its disk. */
  sharesOnDisk(nodeId: string, bundleId: string): Promise<SharesOnDisk> {
    return storedShares(nodeId, this.processes.layout.node(nodeId), bundleId);
  }

  /** Asks for a bundle as the initiator, past its client; what is answered here is acknowledged. */
  async request({ streams = 1, ...change }: RequestChange = {}): Promise<{
    readonly bundleId: string;
    readonly orchestrators: readonly string[];
  }> {
    const bundleId = randomUUID();
    const { result } = await this.initiator.ledger.submit(TRANSACTIONS.requestStreams, {
      bundleId,
      policy: { ...FAULT_POLICY, ...change },
      requests: streamsOf('file', streams),
    });
    this.acknowledged(bundleId);
    return { bundleId, orchestrators: result.assignment?.orchestrators ?? [] };
  }

  /** The bundles whose request was answered. */
  get acknowledgedBundles(): readonly string[] {
    return this.#acknowledged;
  }

  /** Notes that a request was answered: from then on it must come to an end. */
  acknowledged(bundleId: string): void {
    this.#acknowledged.push(bundleId);
  }

  /** What the ledger holds of a bundle. */
  read(bundleId: string): Promise<BundleView> {
    return this.initiator.ledger.evaluate(TRANSACTIONS.readBundle, { bundleId });
  }

  /** What the ledger holds of a bundle once its first stream is in this state. */
  until(bundleId: string, state: StreamState, deadlineMs?: number): Promise<BundleView> {
    return until(
      `${bundleId} becomes ${state}`,
      async () => {
        const view = await this.read(bundleId);
        return streamStateOf(view, 0) === state ? view : undefined;
      },
      deadlineMs,
    );
  }

  /** Whether both parties rebuild the same key. */
  async keysAgree(bundleId: string): Promise<boolean> {
    const [ours, theirs] = await Promise.all([this.initiator.keyOf(bundleId), this.provider.keyOf(bundleId)]);
    using first = ours;
    using second = theirs;
    return first.equals(second);
  }

  /** The acknowledged requests that are neither active nor ended with a reason. */
  async unsettled(): Promise<readonly string[]> {
    const views = await Promise.all(this.#acknowledged.map((bundleId) => this.read(bundleId)));
    return views
      .filter((view) => !['active', 'ended'].includes(streamStateOf(view, 0)))
      .map(({ bundle }) => bundle.bundleId);
  }

  async stop(): Promise<void> {
    this.thawAll();
    for (const party of this.#parties.values()) await party.close();
    await this.processes.down();
    await rm(this.folder, { recursive: true, force: true });
  }

  #party(nodeId: PartyName): ProcessParty {
    const party = this.#parties.get(nodeId);
    if (party === undefined) throw new RangeError(`${nodeId} is a process of its own`);
    return party;
  }
}

/** Writes down a larger plan than the development network's, which starts on what is planned. */
async function planMore(
  layout: DevLayout,
  moreNodes: readonly PlannedNode[],
  ledger: LedgerChoice | undefined,
): Promise<void> {
  await mkdir(layout.directory, { mode: 0o700 });
  const network = await planNetwork(layout, ledger);
  // Those that were planned are not held: nothing listens there yet.
  const kept = keptPorts(network).map(({ port }) => port);
  const ports = await freePorts(2 * moreNodes.length, kept);
  const planned = moreNodes.map((node, place) => {
    const [port = 0, operationsPort = 0] = ports.slice(2 * place);
    return { ...node, port, operationsPort };
  });
  await writeNetworkFile(layout, { ...network, nodes: [...network.nodes, ...planned] });
}

function changeSettings(layout: DevLayout, nodeId: string, change: Settings): void {
  const { configuration } = layout.node(nodeId);
  const present: unknown = JSON.parse(readFileSync(configuration, 'utf8'));
  writeFileSync(configuration, JSON.stringify(Object.assign({}, present, change)));
}
