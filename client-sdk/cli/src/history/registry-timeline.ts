import { EVENTS, type LedgerEvent, type NodeRecord, type RosterEntry } from '@eko/protocol';

/** Who was registered at one moment, as far as a draw rests on it. */
export interface RegistryMoment {
  readonly witnesses: readonly RosterEntry[];
  readonly vrfKeys: ReadonlyMap<string, string>;
}

/** The registry as the ledger's events build it up. */
export class RegistryTimeline {
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #retired = new Set<string>();
  /** Every `sign` key that a node ever had. */
  readonly #signKeys = new Map<string, Set<string>>();
  #moment: RegistryMoment | undefined;

  /** Takes the next event; of anything but a node, nothing. */
  apply(event: LedgerEvent): void {
    switch (event.name) {
      case EVENTS.nodeRegistered:
      case EVENTS.nodeUpdated:
      case EVENTS.nodeRetired: {
        const { node } = event.payload;
        this.#nodes.set(node.nodeId, node);
        if (event.name === EVENTS.nodeRetired) this.#retired.add(node.nodeId);
        const keys = this.#signKeys.get(node.nodeId) ?? new Set();
        this.#signKeys.set(node.nodeId, keys.add(node.keys.sign));
        this.#moment = undefined;
        break;
      }
      default:
    }
  }

  /** Who can be drawn now, and with which keys orchestrators prove. */
  now(): RegistryMoment {
    this.#moment ??= momentOf([...this.#nodes.values()].filter(({ nodeId }) => !this.#retired.has(nodeId)));
    return this.#moment;
  }

  /** A node as it is registered now, retired or not. */
  node(nodeId: string): NodeRecord | undefined {
    return this.#nodes.get(nodeId);
  }

  /** The keys that a node signs with, and those that it signed with before. */
  signKeysOf(nodeId: string): readonly string[] {
    return [...(this.#signKeys.get(nodeId) ?? [])];
  }
}

function momentOf(nodes: readonly NodeRecord[]): RegistryMoment {
  const sorted = [...nodes].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  return {
    witnesses: sorted.filter(({ role }) => role === 'witness').map(rosterEntryOf),
    vrfKeys: new Map(
      sorted.flatMap(({ nodeId, keys }) => (keys.vrf === undefined ? [] : [[nodeId, keys.vrf]])),
    ),
  };
}

/** All of these stood in the roster at that moment, so none is too late for the draw. */
function rosterEntryOf({ nodeId, mspId, zone, tags }: NodeRecord): RosterEntry {
  return {
    nodeId,
    mspId,
    ...(zone === undefined ? {} : { zone }),
    ...(tags === undefined ? {} : { tags }),
    since: 1,
  };
}
