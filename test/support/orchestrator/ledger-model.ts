import {
  EVENTS,
  LIMITS,
  type AttestDestruction,
  type ErrorCode,
  type LedgerEvent,
  type RecordDealings,
  type Selection,
} from '@eko/protocol';
import {
  assignmentRecord,
  at,
  bundleRecord,
  dealingsRecord,
  endRecord,
  ended,
  txId,
} from '../ledger/ledger-facts';

/** When the model's request was made. */
export const REQUESTED_AT_UNIX_MS = 1_000_000;

/** The chaincode's rules for one bundle, as far as orchestrators can break them. */
export class LedgerModel {
  readonly chain: LedgerEvent[] = [];
  readonly attesters = new Set<string>();
  fence = 0;
  assigned: readonly string[];
  state: 'accepted' | 'active' | 'ended' = 'accepted';
  assignedAtUnixMs = REQUESTED_AT_UNIX_MS;
  /** Accepted records of dealings; more than one is a violation. */
  records = 0;
  readonly #nodes: readonly string[];
  readonly #selectionOf: (argument: RecordDealings) => Selection;
  readonly #isSigned: (argument: RecordDealings, selection: Selection) => boolean;

  constructor(
    nodes: readonly string[],
    selectionOf: (argument: RecordDealings) => Selection = () => dealingsRecord().selection,
    bundle = bundleRecord({ policy: { ...bundleRecord().policy, dealers: 2 } }),
    isSigned: (argument: RecordDealings, selection: Selection) => boolean = () => true,
  ) {
    this.#isSigned = isSigned;
    this.#nodes = nodes;
    this.#selectionOf = selectionOf;
    this.assigned = nodes.slice(0, 2);
    const assignment = assignmentRecord({ orchestrators: [...this.assigned] });
    this.append({ name: EVENTS.streamsRequested, payload: { bundle, assignment } });
  }

  append(event: Parameters<typeof at>[1]): void {
    this.chain.push(at(this.chain.length + 1, event));
  }

  recordDealings(by: string, argument: RecordDealings, unixMs: number): ErrorCode | undefined {
    if (this.state === 'ended') return 'STREAM_ENDED';
    if (this.state !== 'accepted') return 'ALREADY_EXISTS';
    if (argument.fence !== this.fence) return 'FENCED';
    if (!this.assigned.includes(by)) return 'FORBIDDEN';
    const dealers = argument.dealings.map((dealing) => dealing.dealer);
    if (dealers.join() !== this.assigned.join()) return 'INVALID_ARGUMENT';
    const selection = this.#selectionOf(argument);
    if (!this.#isSigned(argument, selection)) return 'BAD_SIGNATURE';
    this.state = 'active';
    this.records += 1;
    const record = dealingsRecord({
      fence: this.fence,
      dealings: argument.dealings,
      selection,
      by,
      atUnixMs: unixMs,
    });
    this.append({ name: EVENTS.dealingsRecorded, payload: { record } });
    return undefined;
  }

  reassign(fence: number, overdue: readonly string[], unixMs: number): ErrorCode | undefined {
    if (this.state !== 'accepted') return 'BAD_STATE';
    if (fence !== this.fence) return 'FENCED';
    if (unixMs < this.assignedAtUnixMs + LIMITS.assignmentLeaseMs) return 'NOT_OVERDUE';
    if (this.fence + 1 >= LIMITS.fences) {
      this.end();
      return undefined;
    }
    const kept = this.assigned.filter((node) => !overdue.includes(node));
    const fresh = this.#nodes.filter((node) => !this.assigned.includes(node));
    this.assigned = [...kept, ...fresh, ...this.assigned].slice(0, 2);
    this.fence += 1;
    this.assignedAtUnixMs = unixMs;
    const assignment = assignmentRecord({
      fence: this.fence,
      orchestrators: [...this.assigned],
      atUnixMs: unixMs,
    });
    this.append({ name: EVENTS.orchestratorsReassigned, payload: { assignment } });
    return undefined;
  }

  end(): ErrorCode | undefined {
    if (this.state === 'ended') return 'STREAM_ENDED';
    this.state = 'ended';
    this.chain.push(ended(this.chain.length + 1, endRecord()));
    return undefined;
  }

  attest(argument: AttestDestruction, unixMs: number): ErrorCode | undefined {
    if (this.state !== 'ended') return 'BAD_STATE';
    this.attesters.add(argument.nodeId);
    const attestation = { ...argument, txId: txId(this.chain.length + 1), atUnixMs: unixMs };
    this.append({ name: EVENTS.destructionAttested, payload: { attestation } });
    return undefined;
  }
}
