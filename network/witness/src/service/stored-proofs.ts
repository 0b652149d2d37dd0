import { AbandonedDealingProof } from '@eko/protocol/ledger';
import { RecordStore, type KeyValueStore } from '@eko/node-kit';

const RECORD_VERSION = 1;
/** One proof is enough to name a dealer; more of them must not fill the disk. */
const PROOFS_PER_DEALER = 16;

/** Proofs against dealers in the node's store, by dealer and bundle; they outlive the bundles that they are about. */
export class StoredProofs {
  readonly #records: RecordStore<typeof AbandonedDealingProof>;

  constructor(store: KeyValueStore) {
    this.#records = new RecordStore({
      store,
      prefix: 'proof/',
      version: RECORD_VERSION,
      schema: AbandonedDealingProof,
    });
  }

  /**
   * Stores durably; resolves only then. A dealer of whom there are enough proofs is proved again each time; only nothing
   * more is stored.
   *
   * @returns whether the proof was not there before
   */
  async put(proof: AbandonedDealingProof): Promise<boolean> {
    const { dealer, bundleId } = proof.statement;
    const id = `${dealer}/${bundleId}`;
    if ((await this.#records.get(id)) !== undefined) return false;
    if ((await this.list(dealer)).length < PROOFS_PER_DEALER) await this.#records.put(id, proof);
    return true;
  }

  /** The proofs against one dealer. */
  list(dealer: string): Promise<AbandonedDealingProof[]> {
    return this.#records.records({ prefix: `${dealer}/` });
  }
}
