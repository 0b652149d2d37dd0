import { LABELS, signRecord } from '@eko/protocol/crypto';
import {
  TRANSACTIONS,
  type AttestationRecord,
  type BundleView,
  type DestructionStatement,
} from '@eko/protocol/ledger';
import { backoffMs } from '../pacing/backoff';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';
import { OwedDestructions } from './owed-destructions';

const RETRY = { firstMs: 500, mostMs: 30_000 };

/** Attests on the ledger that the keys of ended streams are gone: batched, and again until it is recorded. */
export class DestructionReporter {
  readonly #context: ClientContext;
  readonly #owed = new OwedDestructions();
  #isStarted = false;
  #isScheduled = false;
  #failures = 0;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** From here on what is owed is attested; before, old ends and attestations are only matched. */
  start(): void {
    this.#isStarted = true;
    this.#schedule(this.#context.bounds.attestMs);
  }

  /** Notes that a stream (without `index`, a bundle) has ended and its keys are gone; unknown bundles owe nothing. */
  ended(view: BundleView | undefined, index: number | undefined): void {
    if (view === undefined) return;
    this.#owed.ended(view, index === undefined ? 'all' : [index]);
    this.#schedule(this.#context.bounds.attestMs);
  }

  /** Takes back what was owed of a bundle before a restart. */
  restore(view: BundleView, owed: 'all' | readonly number[]): void {
    this.#owed.ended(view, owed);
  }

  /** The streams of a bundle whose destruction is owed, if any is. */
  owedOf(bundleId: string): 'all' | readonly number[] | undefined {
    return this.#owed.of(bundleId);
  }

  /** How many bundles have destructions that are owed. */
  get owed(): number {
    return this.#owed.size;
  }

  /** Notes what this party has attested. */
  attested(attestation: Pick<AttestationRecord, 'destructions'>): void {
    this.#owed.attested(attestation);
  }

  #schedule(delayMs: number): void {
    if (!this.#isStarted || this.#isScheduled || this.#owed.isEmpty || this.#context.closing.aborted) return;
    this.#isScheduled = true;
    this.#context.clock.schedule(delayMs, () => void this.#attest());
  }

  async #attest(): Promise<void> {
    const { ledger, keys, closing } = this.#context;
    const destructions = this.#owed.next();
    const statement: DestructionStatement = { channel: ledger.channel, nodeId: keys.nodeId, destructions };
    let delayMs = this.#context.bounds.attestMs;
    try {
      if (destructions.length > 0 && !closing.aborted) {
        const argument = {
          nodeId: keys.nodeId,
          destructions: [...destructions],
          signature: signRecord(LABELS.destructionSignature, statement, keys.sign),
        };
        await ledger.submit(TRANSACTIONS.attestDestruction, argument, { signal: closing });
        this.#owed.attested(argument);
      }
      this.#failures = 0;
    } catch (error) {
      reportTrouble(this.#context, error, 'Attesting destruction');
      this.#failures += 1;
      delayMs = backoffMs(this.#failures, RETRY);
    }
    this.#isScheduled = false;
    this.#schedule(delayMs);
  }
}
