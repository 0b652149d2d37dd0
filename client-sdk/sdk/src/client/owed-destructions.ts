import { type BundleView, type Destruction } from '@eko/protocol/ledger';
import type { OwedDestruction } from '../attestations/attestation-plan';

/** Streams of a bundle whose destruction is owed; `all` once the bundle as a whole has ended. */
type Owed = 'all' | Set<number>;

/** An epoch that was dealt, and who had its dealings recorded: the same node gathers the attestations. */
type EpochOwed = Pick<BundleView['dealings'][number], 'epoch' | 'by'>;

/**
 * What a party still owes the ledger: its word that the keys of ended streams are gone. Kept from ledger events alone
 * (ends add, the party's own attestations remove), and remembered with its view of the ledger: a restart forgets nothing. Pure.
 *
 * @see docs/protocol.md, "6. The end"
 */
export class OwedDestructions {
  readonly #owed = new Map<string, { readonly epochs: readonly EpochOwed[]; readonly streams: Owed }>();

  /** Whether anything is owed. */
  get isEmpty(): boolean {
    return this.#owed.size === 0;
  }

  /** How many bundles owe. */
  get size(): number {
    return this.#owed.size;
  }

  /** Notes the ends of a bundle that are new in its view. */
  ended(view: BundleView, indices: 'all' | readonly number[]): void {
    if (view.dealings.length === 0) return;
    const { bundleId } = view.bundle;
    const epochs = view.dealings.map(({ epoch, by }) => ({ epoch, by }));
    const before = this.#owed.get(bundleId)?.streams;
    const streams: Owed =
      indices === 'all' || before === 'all' ? 'all' : new Set([...(before ?? []), ...indices]);
    this.#owed.set(bundleId, { epochs, streams });
  }

  /** The streams of a bundle whose destruction is owed, if any is. */
  of(bundleId: string): 'all' | readonly number[] | undefined {
    const streams = this.#owed.get(bundleId)?.streams;
    return streams === undefined || streams === 'all' ? streams : [...streams];
  }

  /** Takes what this party has attested off what is owed. */
  attested(destructions: readonly Destruction[]): void {
    for (const { bundleId, streams } of destructions) {
      const owed = this.#owed.get(bundleId)?.streams;
      if (owed === undefined) continue;
      if (streams !== 'all' && owed !== 'all') for (const index of streams) owed.delete(index);
      if (streams === 'all' || (owed !== 'all' && owed.size === 0)) this.#owed.delete(bundleId);
    }
  }

  /** All that is owed, oldest first; it stays so until it is attested. */
  *all(): Iterable<OwedDestruction> {
    for (const [bundleId, { epochs, streams }] of this.#owed)
      for (const { epoch, by: gatherer } of epochs)
        yield {
          bundleId,
          epoch,
          streams: streams === 'all' ? 'all' : [...streams].sort((a, b) => a - b),
          gatherer,
        };
  }
}
