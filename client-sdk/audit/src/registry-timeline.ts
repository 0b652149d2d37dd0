import {
  EVENTS,
  type LedgerEvent,
  type NodeRecord,
  type NodeRole,
  type RosterEntry,
} from '@eko/protocol/ledger';

/** Who was registered at one moment, as far as draws and assignments rest on it. */
export interface RegistryMoment {
  readonly witnesses: readonly RosterEntry[];
  readonly orchestrators: readonly RosterEntry[];
  readonly vrfKeys: ReadonlyMap<string, string>;
  /** How often each roster had changed. */
  readonly versions: Readonly<Record<NodeRole, number>>;
}

/** The registry as the ledger's events build it up. */
export class RegistryTimeline {
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #retired = new Set<string>();
  readonly #versions: Record<NodeRole, number> = { orchestrator: 0, witness: 0, party: 0 };
  /** The version of its roster that brought a node's present facts. */
  readonly #since = new Map<string, number>();
  readonly #byIdentity = new Map<string, string>();
  /** Every `sign` key that a node ever had. */
  readonly #signKeys = new Map<string, Set<string>>();
  #moment: RegistryMoment | undefined;

  /** Takes the next event; of anything but a node, nothing. */
  apply(event: LedgerEvent): void {
    switch (event.name) {
      case EVENTS.nodeRegistered:
      case EVENTS.nodeUpdated:
      case EVENTS.offersChanged:
      case EVENTS.nodeApproved:
      case EVENTS.nodeRejected:
      case EVENTS.nodeRetired: {
        const { node } = event.payload;
        this.#countChange(node);
        this.#nodes.set(node.nodeId, node);
        if (!this.#byIdentity.has(node.identity)) this.#byIdentity.set(node.identity, node.nodeId);
        if (event.name === EVENTS.nodeRetired) this.#retired.add(node.nodeId);
        const keys = this.#signKeys.get(node.nodeId) ?? new Set();
        this.#signKeys.set(node.nodeId, keys.add(node.keys.sign));
        if (event.name !== EVENTS.offersChanged) this.#moment = undefined;
        break;
      }
      default:
    }
  }

  /** Who can be drawn now, and with which keys orchestrators prove. */
  now(): RegistryMoment {
    this.#moment ??= momentOf(
      [...this.#nodes.values()].filter((node) => this.#takesPart(node)),
      this.#since,
      { ...this.#versions },
    );
    return this.#moment;
  }

  /** Every change of what selection rests on makes a new version of its role's roster. */
  #countChange(node: NodeRecord): void {
    const before = this.#nodes.get(node.nodeId);
    if (rosterFacts(before) === rosterFacts(node)) return;
    this.#versions[node.role] += 1;
    this.#since.set(node.nodeId, this.#versions[node.role]);
  }

  /** Whether a node is in its role's roster: its organisation has vouched for it, and it is in service. */
  #takesPart({ nodeId, status }: NodeRecord): boolean {
    return status === 'active' && !this.#retired.has(nodeId);
  }

  /** A node as it is registered now, retired or not. */
  node(nodeId: string): NodeRecord | undefined {
    return this.#nodes.get(nodeId);
  }

  /** The node that an identity has registered. */
  nodeOf(identity: string | undefined): NodeRecord | undefined {
    return identity === undefined ? undefined : this.#nodes.get(this.#byIdentity.get(identity) ?? '');
  }

  /** Whether a node is out of service. */
  isRetired(nodeId: string): boolean {
    return this.#retired.has(nodeId);
  }

  /** The keys that a node signs with, and those that it signed with before. */
  signKeysOf(nodeId: string): readonly string[] {
    return [...(this.#signKeys.get(nodeId) ?? [])];
  }
}

/** What of a node a draw or an assignment looks at; nothing of one that takes no part. */
export function rosterFacts(node: NodeRecord | undefined): string | undefined {
  if (node?.status !== 'active') return undefined;
  const { zone = '', tags = [], keys } = node;
  return [zone, keys.vrf ?? '', ...tags].join('\n');
}

function momentOf(
  nodes: readonly NodeRecord[],
  since: ReadonlyMap<string, number>,
  versions: RegistryMoment['versions'],
): RegistryMoment {
  const sorted = [...nodes].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const rosterOf = (role: NodeRole): readonly RosterEntry[] =>
    sorted
      .filter((node) => node.role === role)
      .map(({ nodeId, mspId, zone, tags }) => ({
        nodeId,
        mspId,
        ...(zone === undefined ? {} : { zone }),
        ...(tags === undefined ? {} : { tags }),
        since: since.get(nodeId) ?? 0,
      }));
  return {
    witnesses: rosterOf('witness'),
    orchestrators: rosterOf('orchestrator'),
    vrfKeys: new Map(
      sorted.flatMap(({ nodeId, keys }) => (keys.vrf === undefined ? [] : [[nodeId, keys.vrf]])),
    ),
    versions,
  };
}
