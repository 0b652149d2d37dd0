import { newAttestation, type RecordSigner } from '@eko/protocol/crypto';
import { TRANSACTIONS, type Attestation, type Destruction, type ReceiptHead } from '@eko/protocol/ledger';
import type { Ledger } from '../ledger/ledger';
import { backoffMs } from '../pacing/backoff';
import {
  ATTESTATION_BOUNDS,
  AttestationPlan,
  type AttestationBounds,
  type OwedDestruction,
} from './attestation-plan';

/** Who watches a holder attest. */
export interface AttestationObserver {
  /** The ledger took an attestation of so many bundles that its node submitted, or did not. */
  submitted(bundles: number, failure: unknown): void;
  /** A gatherer did not take one. */
  refused(gatherer: string, failure: unknown): void;
}

/** What a holder attests with. */
export interface AttestationSenderDeps {
  readonly nodeId: string;
  readonly sign: RecordSigner;
  readonly ledger: Pick<Ledger, 'submit' | 'channel'>;
  /** How far the node's receipts have come, where it is a witness. */
  readonly receiptHead?: (() => ReceiptHead) | undefined;
  /** Hands an attestation to who gathers it; without it, the node submits all of its own. */
  readonly hand?: HandAttestation | undefined;
  readonly monotonicMs: () => number;
  readonly bounds?: Partial<AttestationBounds> | undefined;
  readonly observer: AttestationObserver;
}

/** Hands an attestation to another node. @throws EkoError the node's own code; `PEER_UNAVAILABLE` and others */
export type HandAttestation = (
  gatherer: string,
  attestation: Attestation,
  deadlineMs: number,
) => Promise<unknown>;

const RETRY = { firstMs: 500, mostMs: 30_000 };

/**
 * Attests what a holder owes: hands it to who gathers a bundle's, and submits itself what the ledger does not show in
 * time. Whatever becomes of either, it is owed until its event comes.
 *
 * @see docs/protocol.md, "6. The end"
 */
export class AttestationSender {
  readonly #deps: AttestationSenderDeps;
  readonly #bounds: AttestationBounds;
  readonly #plan: AttestationPlan;
  #isSubmitting = false;
  #failures = 0;

  constructor(deps: AttestationSenderDeps) {
    this.#deps = deps;
    this.#bounds = { ...ATTESTATION_BOUNDS, ...deps.bounds };
    this.#plan = new AttestationPlan(this.#bounds);
  }

  /** Does what is to be done now about all that is owed; resolves once what it submitted itself is settled. */
  async turn(owed: Iterable<OwedDestruction>): Promise<void> {
    const { hand, monotonicMs } = this.#deps;
    const { hand: toHand, submit } = this.#plan.next(hand === undefined ? alone(owed) : owed, monotonicMs());
    for (const [gatherer, destructions] of toHand) {
      this.#plan.handing(gatherer, destructions);
      void this.#handOver(gatherer, destructions);
    }
    if (submit.length > 0 && !this.#isSubmitting) await this.#submit(submit);
  }

  async #handOver(gatherer: string, destructions: readonly Destruction[]): Promise<void> {
    const { hand, observer, monotonicMs } = this.#deps;
    let failure: unknown;
    try {
      await hand?.(gatherer, this.#attest(destructions), this.#bounds.callMs);
    } catch (error) {
      failure = error;
      observer.refused(gatherer, error);
    }
    this.#plan.answered(gatherer, destructions, failure === undefined, monotonicMs());
  }

  async #submit(destructions: readonly Destruction[]): Promise<void> {
    const { ledger, observer, monotonicMs } = this.#deps;
    this.#isSubmitting = true;
    try {
      await ledger.submit(TRANSACTIONS.attestDestruction, { attestations: [this.#attest(destructions)] });
      this.#failures = 0;
      this.#plan.submitted(destructions, monotonicMs());
      observer.submitted(destructions.length, undefined);
    } catch (error) {
      this.#failures += 1;
      this.#plan.submitted(destructions, monotonicMs(), backoffMs(this.#failures, RETRY));
      observer.submitted(destructions.length, error);
    } finally {
      this.#isSubmitting = false;
    }
  }

  #attest(destructions: readonly Destruction[]): Attestation {
    const { nodeId, sign, ledger, receiptHead } = this.#deps;
    const receipts = receiptHead === undefined ? {} : { receipts: receiptHead() };
    return newAttestation({ channel: ledger.channel, nodeId, destructions, ...receipts }, sign);
  }
}

function* alone(owed: Iterable<OwedDestruction>): Iterable<OwedDestruction> {
  for (const { bundleId, epoch, streams } of owed) yield { bundleId, epoch, streams };
}
