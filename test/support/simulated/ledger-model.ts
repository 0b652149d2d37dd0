import { LIMITS, type ErrorCode } from '@eko/protocol';
import {
  EVENTS,
  bundleTermsOf,
  type AttestDestruction,
  type LedgerEvent,
  type RecordDealings,
  type Selection,
} from '@eko/protocol/ledger';
import {
  assignOrchestrators,
  type AssignmentCandidate,
} from '../../../client-sdk/protocol/src/selection/rendezvous';
import {
  acceptanceRecord,
  assignmentRecord,
  at,
  bundleRecord,
  dealingsRecord,
  endRecord,
  ended,
  txId,
} from '../data/ledger-facts';

/** When the model's request was made. */
export const REQUESTED_AT_UNIX_MS = 1_000_000;

/** An organisation's name is what comes before the dot in those of its nodes; without one, a node is its own. */
const asCandidate = (nodeId: string): AssignmentCandidate => ({ nodeId, mspId: nodeId.replace(/[.].*/, '') });

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
  readonly #sets: (readonly string[])[] = [];
  readonly #seed: Uint8Array;
  readonly #terms: ReturnType<typeof bundleTermsOf>;
  readonly #dealers: number;
  readonly #selectionOf: (argument: RecordDealings) => Selection;
  readonly #isSigned: (argument: RecordDealings, selection: Selection) => boolean;

  constructor(
    nodes: readonly string[],
    selectionOf: (argument: RecordDealings) => Selection = () => dealingsRecord().selection,
    terms = bundleTermsOf(bundleRecord({ policy: { ...bundleRecord().policy, dealers: 2 } })),
    isSigned: (argument: RecordDealings, selection: Selection) => boolean = () => true,
    seed = new Uint8Array(32),
  ) {
    this.#seed = seed;
    this.#terms = terms;
    this.#dealers = terms.policy.dealers;
    this.#isSigned = isSigned;
    this.#nodes = nodes;
    this.#selectionOf = selectionOf;
    this.assigned = this.#assign();
    const assignment = assignmentRecord({ orchestrators: [...this.assigned] });
    this.append({
      name: EVENTS.streamsAccepted,
      payload: { acceptance: acceptanceRecord(), assignment, terms },
    });
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

  reassign(fence: number, unixMs: number): ErrorCode | undefined {
    if (this.state !== 'accepted') return 'BAD_STATE';
    if (fence !== this.fence) return 'FENCED';
    if (unixMs < this.assignedAtUnixMs + LIMITS.replacedAfterMs) return 'NOT_OVERDUE';
    if (this.fence + 1 >= LIMITS.fences) return 'BAD_STATE';
    this.assigned = this.#assign();
    this.fence += 1;
    this.assignedAtUnixMs = unixMs;
    const assignment = assignmentRecord({
      fence: this.fence,
      orchestrators: [...this.assigned],
      atUnixMs: unixMs,
    });
    const payload = { assignment, consentedAtUnixMs: acceptanceRecord().atUnixMs, terms: this.#terms };
    this.append({ name: EVENTS.orchestratorsReassigned, payload });
    return undefined;
  }

  #assign(): readonly string[] {
    const assigned = assignOrchestrators(this.#nodes.map(asCandidate), {
      seed: this.#seed,
      dealers: this.#dealers,
      earlier: this.#sets.map((set) => set.map(asCandidate)),
    });
    this.#sets.push(assigned);
    return assigned;
  }

  end(): ErrorCode | undefined {
    if (this.state === 'ended') return 'STREAM_ENDED';
    this.state = 'ended';
    this.chain.push(ended(this.chain.length + 1, endRecord()));
    return undefined;
  }

  attest({ attestations }: AttestDestruction, by: string, unixMs: number): ErrorCode | undefined {
    if (this.state !== 'ended') return 'BAD_STATE';
    for (const { nodeId } of attestations) this.attesters.add(nodeId);
    const record = { attestations, by, txId: txId(this.chain.length + 1), atUnixMs: unixMs };
    this.append({ name: EVENTS.destructionAttested, payload: { record } });
    return undefined;
  }
}
