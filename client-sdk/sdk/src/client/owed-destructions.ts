import { LIMITS } from '@eko/protocol';
import { type AttestationRecord, type BundleView, type Destruction } from '@eko/protocol/ledger';

/** Streams of a bundle whose destruction is owed; `all` once the bundle as a whole has ended. */
type Owed = 'all' | Set<number>;

/**
 * What a party still owes the ledger: its word that the keys of ended streams are gone. Kept from ledger events alone
 * (ends add, the party's own attestations remove), and remembered with its view of the ledger: a restart forgets nothing. Pure.
 *
 * @see docs/protocol.md, "6. The end"
 */
export class OwedDestructions {
  readonly #owed = new Map<string, { readonly epochs: readonly number[]; readonly streams: Owed }>();

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
    const epochs = view.dealings.map(({ epoch }) => epoch);
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

  /** Takes an attestation of this party off what is owed. */
  attested({ destructions }: Pick<AttestationRecord, 'destructions'>): void {
    for (const { bundleId, streams } of destructions) {
      const owed = this.#owed.get(bundleId)?.streams;
      if (owed === undefined) continue;
      if (streams !== 'all' && owed !== 'all') for (const index of streams) owed.delete(index);
      if (streams === 'all' || (owed !== 'all' && owed.size === 0)) this.#owed.delete(bundleId);
    }
  }

  /** What fits one transaction, oldest first; it stays owed until it is attested. */
  next(): readonly Destruction[] {
    return [...this.#owed]
      .flatMap(([bundleId, { epochs, streams }]) =>
        epochs.map((epoch) => ({
          bundleId,
          epoch,
          streams: streams === 'all' ? ('all' as const) : [...streams].sort((a, b) => a - b),
        })),
      )
      .slice(0, LIMITS.attestationsPerTransaction);
  }
}
