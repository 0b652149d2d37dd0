import { SecretBytes, isEkoError } from '@eko/protocol';
import {
  combineContribution,
  deriveEpochKey,
  verifyContribution,
  type ReleasedShare,
} from '@eko/protocol/crypto';
import { type WrongDealingProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { newWrongDealingProof, type HeldEntry } from './wrong-dealing-proof';

/** Good shares as they come, until a stream has enough of every dealer's to give its key. */
export class StreamCombiner {
  readonly #task: CollectionTask;
  readonly #dealings: readonly OwnDealing[];
  readonly #released = new Map<string, HeldEntry[]>();

  /** @param dealings - in the order of the ledger's record, which the epoch key follows */
  constructor(task: CollectionTask, dealings: readonly OwnDealing[]) {
    this.#task = task;
    this.#dealings = dealings;
  }

  /** Takes a share over that holds its commitment; the second one of a witness for the same place is wiped. */
  add(witness: string, share: ReleasedShare): void {
    const place = placeOf(share.dealer, share.streamIndex);
    const held = this.#released.get(place) ?? [];
    if (held.some(({ holder }) => holder === witness)) wipe(share);
    else held.push({ holder: witness, entry: share });
    this.#released.set(place, held);
  }

  /**
   * Gives the epoch key of a stream, each dealer's contribution checked on its own; then the stream's shares are gone.
   *
   * @param accuse - told the proof against the dealer whose contribution misses its check value
   * @throws EkoError `BAD_DEALING` naming that dealer, `NOT_ENOUGH_SHARES`
   */
  epochKeyOf(index: number, accuse: (proof: WrongDealingProof) => void): SecretBytes<'epoch key'> {
    const contributions: SecretBytes<'contribution'>[] = [];
    try {
      for (const dealing of this.#dealings) contributions.push(this.#contributionOf(dealing, index, accuse));
      const { bundleId, requestTxId, policyHash } = this.#task.view.bundle;
      const { epoch } = this.#task.record;
      return deriveEpochKey({ bundleId, index, requestTxId, policyHash, epoch }, contributions);
    } finally {
      for (const contribution of contributions) contribution.dispose();
      this.forget(index);
    }
  }

  /** Wipes the shares of a stream. */
  forget(index: number): void {
    for (const { dealing, own } of this.#dealings) {
      const place = placeOf(dealing.dealer, index);
      for (const { entry } of this.#released.get(place) ?? []) wipe(entry);
      this.#released.delete(place);
      const mine = own.entries.find(({ streamIndex }) => streamIndex === index);
      if (mine !== undefined) wipe(mine);
    }
  }

  /** Wipes everything. */
  dispose(): void {
    for (const held of this.#released.values()) for (const { entry } of held) wipe(entry);
    this.#released.clear();
    for (const { own } of this.#dealings) own.dispose();
  }

  #contributionOf(
    dealing: OwnDealing,
    index: number,
    accuse: (proof: WrongDealingProof) => void,
  ): SecretBytes<'contribution'> {
    const { structure, party } = this.#task;
    const mine = dealing.own.entries.find(({ streamIndex }) => streamIndex === index);
    if (mine === undefined) throw new RangeError('An opened dealing has a share of every stream');
    const released = (this.#released.get(placeOf(dealing.dealing.dealer, index)) ?? []).slice(
      0,
      structure.quorum,
    );
    const shares = [{ holder: party, entry: mine }, ...released];
    const [own, ...others] = shares.map(({ entry }) => ({
      index: entry.shareIndex,
      bytes: entry.share.use((bytes) => bytes.slice()),
    }));
    if (own === undefined) throw new RangeError('A combination starts with the own share');
    try {
      const contribution = new SecretBytes('contribution', combineContribution(structure, own, others));
      try {
        verifyContribution(dealing.checked, index, contribution);
      } catch (error) {
        contribution.dispose();
        if (isEkoError(error, 'BAD_DEALING'))
          accuse(newWrongDealingProof(this.#task, dealing, index, shares));
        throw error;
      }
      return contribution;
    } finally {
      for (const { bytes } of [own, ...others]) bytes.fill(0);
    }
  }
}

function placeOf(dealer: string, index: number): string {
  return `${dealer}/${index}`;
}

function wipe({ share, salt }: HeldEntry['entry']): void {
  share.dispose();
  salt.dispose();
}
