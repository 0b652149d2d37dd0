import { EkoError, LIMITS } from '@eko/protocol';
import {
  EVENTS,
  RETENTION_MS,
  TRANSACTIONS,
  nodeOf,
  type LedgerEvent,
  type NodeRecord,
  type NodeStatus,
} from '@eko/protocol/ledger';
import { decodeBase64Url } from '@eko/protocol/encoding';
import type { Ledger } from '../ledger/ledger';
import type { CallLimits } from '../pacing/deadline';
import { certificateFingerprint } from './certificate-fingerprint';

/**
 * Every registered node, by `nodeId` and by TLS certificate: the ledger's registry as this process has seen it.
 * Loaded once and then kept by events; events that are older than what was loaded change nothing.
 *
 * The peer that answers `load` may stand behind the checkpoint from which the events are read, and says nothing of where
 * it stands; what lies between the two would stay unknown. So whoever keeps a checkpoint keeps with it the nodes that
 * the events up to there spoke of, and restores them: then no peer has to be asked, or waited for, until it is far enough.
 *
 * What nobody can ask for any more goes, so that it does not grow with all that ever was: a node that was turned away at
 * once, for no stream names it; a retired one when the time is over for which a bundle of before can live, by the times of
 * heartbeats. Until then its keys are needed: a retired witness still releases and signs receipts, and what a retired
 * dealer signed still convicts it. Of its offers nothing is left.
 *
 * @see docs/protocol.md, "The ledger is the directory"
 */
export class NodeDirectory {
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #byFingerprint = new Map<string, NodeRecord>();
  /** Retired nodes, and the newest heartbeat's time when that was heard of; 0 before the first. */
  readonly #retiredAtUnixMs = new Map<string, number>();
  readonly #keeps: (node: NodeRecord) => boolean;
  #newestBeatUnixMs = 0;

  /** @param keeps - which nodes are kept although nobody asks for them: one that asks how it stands itself */
  constructor(keeps: (node: NodeRecord) => boolean = () => false) {
    this.#keeps = keeps;
  }

  /**
   * Reads the whole registry, page by page.
   *
   * @param keeps - as for the constructor
   * @throws EkoError as `Ledger.evaluate`
   */
  static async load(
    ledger: Ledger,
    limits?: CallLimits,
    keeps?: (node: NodeRecord) => boolean,
  ): Promise<NodeDirectory> {
    const directory = new NodeDirectory(keeps);
    let after: string | undefined;
    do {
      const page = await ledger.evaluate(
        TRANSACTIONS.listNodes,
        { limit: LIMITS.listPage, ...(after === undefined ? {} : { after }) },
        limits,
      );
      for (const node of page.nodes) directory.#put(node);
      after = page.next;
    } while (after !== undefined);
    return directory;
  }

  /** The node of that name, whatever its status. */
  get(nodeId: string): NodeRecord | undefined {
    return this.#nodes.get(nodeId);
  }

  /**
   * The node of that name.
   *
   * @throws EkoError `NOT_FOUND`
   */
  require(nodeId: string): NodeRecord {
    const node = this.#nodes.get(nodeId);
    if (node === undefined)
      throw new EkoError('NOT_FOUND', `No node ${nodeId} is registered`, { details: { nodeId } });
    return node;
  }

  /** The active node whose certificate this is; `fingerprint` as `certificateFingerprint` makes it. */
  byCertificate(fingerprint: string): NodeRecord | undefined {
    return this.#byFingerprint.get(fingerprint);
  }

  /** All nodes, in no particular order. */
  all(): readonly NodeRecord[] {
    return [...this.#nodes.values()];
  }

  /** Takes an event; those that do not concern nodes are ignored. */
  apply(event: LedgerEvent): void {
    const node = nodeOf(event);
    if (node !== undefined) this.#put(node);
    else if (event.name === EVENTS.heartbeat) this.#passTime(event.payload.atUnixMs);
  }

  /** Takes back the nodes that were kept with the checkpoint after which events will be applied, in any order. */
  restore(nodes: readonly NodeRecord[]): void {
    for (const node of nodes) this.#put(node);
  }

  #put(node: NodeRecord): void {
    const known = this.#nodes.get(node.nodeId);
    if (known !== undefined && isOlder(node, known)) return;
    if (known !== undefined) this.#byFingerprint.delete(fingerprintOf(known));
    if (node.status === 'rejected' && !this.#keeps(node)) {
      // A replayed event of before brings it back, until the one that turned it away is replayed too.
      this.#nodes.delete(node.nodeId);
      return;
    }
    this.#nodes.set(node.nodeId, node.status === 'retired' ? { ...node, offers: [] } : node);
    if (node.status === 'active') this.#byFingerprint.set(fingerprintOf(node), node);
    if (node.status === 'retired' && !this.#keeps(node))
      this.#retiredAtUnixMs.set(node.nodeId, this.#newestBeatUnixMs);
  }

  #passTime(atUnixMs: number): void {
    if (atUnixMs <= this.#newestBeatUnixMs) return;
    this.#newestBeatUnixMs = atUnixMs;
    for (const [nodeId, sinceUnixMs] of this.#retiredAtUnixMs) {
      if (sinceUnixMs === 0) this.#retiredAtUnixMs.set(nodeId, atUnixMs);
      else if (atUnixMs > sinceUnixMs + RETENTION_MS) {
        this.#retiredAtUnixMs.delete(nodeId);
        this.#nodes.delete(nodeId);
      }
    }
  }
}

/** Within one key epoch a record only moves on: from waiting to a decision, and at last to its end. */
function isOlder(node: NodeRecord, known: NodeRecord): boolean {
  if (node.keyEpoch !== known.keyEpoch) return node.keyEpoch < known.keyEpoch;
  if (node.status !== known.status) return STEPS[node.status] < STEPS[known.status];
  return node.proposed !== undefined && known.proposed === undefined;
}

const STEPS: Readonly<Record<NodeStatus, number>> = { pending: 0, active: 1, rejected: 1, retired: 2 };

function fingerprintOf(node: NodeRecord): string {
  return certificateFingerprint(decodeBase64Url(node.keys.tls));
}
