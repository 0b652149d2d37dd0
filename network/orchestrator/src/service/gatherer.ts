import { EkoError, isEkoError } from '@eko/protocol';
import { verifyAttestation, type SignatureVerifier } from '@eko/protocol/crypto';
import { EVENTS, TRANSACTIONS, type Attestation, type LedgerEvent } from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';
import {
  NOTHING_GATHERED,
  gatheringStep,
  type GatheringEvent,
  type GatheringState,
  type GatheringStep,
} from '../core/gathering';
import type { Registry } from './dealer';
import type { OrchestratorObserver } from './orchestrator-observer';

/** What gathering needs. */
export interface GathererDeps {
  readonly ledger: Pick<Ledger, 'submit' | 'channel'>;
  readonly registry: Pick<Registry, 'node'>;
  /** Who had a bundle's dealings recorded, where this node still knows. */
  readonly recordedBy: (bundleId: string) => string | undefined;
  readonly nodeId: string;
  readonly verify: SignatureVerifier;
  readonly observer: Pick<OrchestratorObserver, 'submitted' | 'unattested' | 'warned'>;
  readonly monotonicMs: () => number;
  /** So long an attestation waits for others. */
  readonly gatherMs: number;
  /** For a transaction to be committed. */
  readonly submitMs: number;
}

/** Gathers the attestations of those who held something of what this node led, and submits many in one transaction. */
export class Gatherer {
  readonly #deps: GathererDeps;
  #state: GatheringState = NOTHING_GATHERED;

  constructor(deps: GathererDeps) {
    this.#deps = deps;
  }

  /**
   * Takes a node's own attestation, and the same one again as if it were the first time. Whether what it names has
   * ended, and whether the node held any of it, the ledger says.
   *
   * @param from - who hands it over
   * @throws EkoError `FORBIDDEN` for another node's and of what another had recorded, `BAD_SIGNATURE`, `RATE_LIMITED`
   *   where too much of it waits already
   */
  take(from: string, attestation: Attestation): void {
    const { ledger, registry, verify } = this.#deps;
    const { nodeId } = attestation;
    if (nodeId !== from)
      throw new EkoError('FORBIDDEN', `${from} hands over its own attestations only`, {
        details: { nodeId },
      });
    for (const { bundleId } of attestation.destructions) this.#requireOwn(bundleId);
    const node = registry.node(nodeId);
    if (node === undefined)
      throw new EkoError('PEER_UNAVAILABLE', `The registration of ${nodeId} has not been seen yet`);
    verifyAttestation(ledger.channel, attestation, node.keys.sign, verify);
    if (!this.#feed({ kind: 'handed', attestation }).isTaken)
      throw new EkoError('RATE_LIMITED', 'Too much waits here already: submit it yourself', {
        details: { retryAfterMs: this.#deps.gatherMs },
      });
  }

  /** Attestations that wait here, or are on their way. */
  get size(): number {
    return this.#state.waiting.length + this.#state.submitting.length;
  }

  /** Lets time pass. */
  tick(): void {
    this.#feed({ kind: 'tick' });
  }

  /** Takes an event of the ledger: what it shows is not submitted once more. */
  apply(event: LedgerEvent): void {
    if (event.name === EVENTS.destructionAttested && this.size > 0)
      this.#feed({ kind: 'recorded', record: event.payload.record });
  }

  #requireOwn(bundleId: string): void {
    const by = this.#deps.recordedBy(bundleId);
    if (by !== undefined && by !== this.#deps.nodeId)
      throw new EkoError('FORBIDDEN', `${by} gathers the attestations of bundle ${bundleId}`, {
        details: { bundleId },
      });
  }

  #feed(event: GatheringEvent): GatheringStep {
    const { monotonicMs, gatherMs } = this.#deps;
    const step = gatheringStep(this.#state, event, monotonicMs(), gatherMs);
    this.#state = step.next;
    if (step.submit !== undefined) void this.#submit(step.submit);
    return step;
  }

  async #submit(attestations: readonly Attestation[]): Promise<void> {
    const { ledger, observer, submitMs } = this.#deps;
    const name = TRANSACTIONS.attestDestruction;
    try {
      const argument = { attestations: [...attestations] };
      const { result } = await ledger.submit(name, argument, { deadlineMs: submitMs });
      for (const { nodeId, code } of result.skipped) observer.unattested(nodeId, code);
      observer.submitted(name, undefined, undefined);
      this.#feed({ kind: 'settled' });
    } catch (error) {
      const code = isEkoError(error) ? error.code : 'INTERNAL';
      if (isEkoError(error)) observer.submitted(name, undefined, code);
      else observer.warned('submitting attestations failed', error);
      this.#feed({ kind: 'settled', code });
    }
  }
}
