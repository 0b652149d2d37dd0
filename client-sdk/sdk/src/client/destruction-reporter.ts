import { destructionsBy, type AttestationRecord, type BundleView } from '@eko/protocol/ledger';
import { AttestationSender } from '../attestations/attestation-sender';
import { handAttestations } from '../attestations/hand-attestation';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';
import { OwedDestructions } from './owed-destructions';

/** Attests that the keys of ended streams are gone, and again until the ledger shows it. */
export class DestructionReporter {
  readonly #context: ClientContext;
  readonly #owed = new OwedDestructions();
  readonly #sender: AttestationSender;
  #isStarted = false;
  #isScheduled = false;

  constructor(context: ClientContext) {
    const { keys, ledger, peers, directory, clock, bounds, closing } = context;
    this.#context = context;
    this.#sender = new AttestationSender({
      nodeId: keys.nodeId,
      sign: keys.sign,
      ledger: {
        channel: ledger.channel,
        submit: (name, argument) => ledger.submit(name, argument, { signal: closing }),
      },
      hand: handAttestations(peers, directory, closing),
      monotonicMs: () => clock.monotonicMs(),
      bounds: bounds.attestation,
      observer: {
        submitted: (_bundles, failure) => {
          if (failure !== undefined) reportTrouble(context, failure, 'Attesting destruction');
        },
        // It attests itself then.
        refused: () => undefined,
      },
    });
  }

  /** From here on what is owed is attested; before, old ends and attestations are only matched. */
  start(): void {
    this.#isStarted = true;
    this.#schedule();
  }

  /** Notes that a stream (without `index`, a bundle) has ended and its keys are gone; unknown bundles owe nothing. */
  ended(view: BundleView | undefined, index: number | undefined): void {
    if (view === undefined) return;
    this.#owed.ended(view, index === undefined ? 'all' : [index]);
    this.#schedule();
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

  /** Notes what this party attests in a record of the ledger, whoever submitted it. */
  attested(record: Pick<AttestationRecord, 'attestations'>): void {
    this.#owed.attested(destructionsBy(record, this.#context.keys.nodeId));
  }

  #schedule(): void {
    if (!this.#isStarted || this.#isScheduled || this.#owed.isEmpty || this.#context.closing.aborted) return;
    this.#isScheduled = true;
    this.#context.clock.schedule(this.#context.bounds.attestMs, () => {
      this.#isScheduled = false;
      if (this.#context.closing.aborted) return;
      void this.#sender.turn(this.#owed.all());
      this.#schedule();
    });
  }
}
