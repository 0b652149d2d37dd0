import { SecretBytes, isEkoError } from '@eko/protocol';
import {
  combineContribution,
  deriveEpochKey,
  disposeOfLeaves,
  shareBySheet,
  shareIndexAtColumn,
  verifyContribution,
  verifyLeafAgainstSheet,
  type Share,
} from '@eko/protocol/crypto';
import { type WrongDealingProof, type WrongShareProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import type { WitnessAnswer } from './witness-answer';
import { newWrongDealingProof, type HeldLeaf } from './wrong-dealing-proof';

/** A leaf that a witness released, with the answer that it came in. */
interface ReleasedLeaf extends HeldLeaf {
  readonly answer: WitnessAnswer;
}

/** A dealer's contribution to one stream that a witness has released something of. */
export interface ReleasedPart {
  readonly witness: string;
  readonly dealer: string;
  readonly streamIndex: number;
}

/** What came of putting a stream's leaves together. */
export type CombinedStream =
  /** The key; whoever asked has it from here on. */
  | { readonly kind: 'key'; readonly key: SecretBytes<'epoch key'> }
  /** Some dealer's leaves are too few by now. */
  | { readonly kind: 'lacking'; readonly have: readonly ReleasedPart[] }
  /** Witnesses whose leaves miss their commitments, with the proofs; nothing that they sent is used any more. */
  | {
      readonly kind: 'wrong';
      readonly witnesses: readonly {
        readonly witness: string;
        readonly proof: WrongShareProof | undefined;
      }[];
    };

/**
 * Leaves as they come, until a stream has enough of every dealer's to give its key. A contribution that is what its dealer
 * published shows all leaves under it to be right; only of another one are the commitments looked at, to find whose fault
 * it is.
 */
export class StreamCombiner {
  readonly #task: CollectionTask;
  readonly #dealings: readonly OwnDealing[];
  readonly #answers: WitnessAnswer[] = [];
  readonly #released = new Map<string, ReleasedLeaf[]>();
  /** Of these nothing is kept from which their leaves could be computed, whenever it comes. */
  readonly #ended = new Set<number>();

  /** @param dealings - in the order of the ledger's record, which the epoch key follows */
  constructor(task: CollectionTask, dealings: readonly OwnDealing[]) {
    this.#task = task;
    this.#dealings = dealings;
  }

  /**
   * Takes an answer over, and wipes of it what lies above a stream that has ended. Of a witness's leaves for the same place
   * the first counts.
   *
   * @param isWanted - of which streams leaves are still of use
   * @returns what it gives
   */
  add(answer: WitnessAnswer, isWanted: (index: number) => boolean): readonly ReleasedPart[] {
    const { witness } = answer;
    this.#answers.push(answer);
    const given = answer.leaves(this.#streams);
    answer.forget(this.#isEnded, this.#streams);
    return given.flatMap(({ dealer, leaves }) =>
      leaves.flatMap((leaf) => {
        const place = placeOf(dealer, leaf.index);
        const held = this.#released.get(place) ?? [];
        if (
          this.#isEnded(leaf.index) ||
          !isWanted(leaf.index) ||
          held.some(({ holder }) => holder === witness)
        ) {
          leaf.secret.dispose();
          return [];
        }
        held.push({ holder: witness, leaf, answer });
        this.#released.set(place, held);
        return [{ witness, dealer, streamIndex: leaf.index }];
      }),
    );
  }

  /**
   * Puts a stream's leaves together, each dealer's contribution checked on its own. With the key, or where a dealer is at
   * fault, the stream's leaves are gone.
   *
   * @param accuse - told the proof against a dealer whose contribution misses its check value
   * @throws EkoError `BAD_DEALING` naming that dealer; `BAD_SHARE` naming the dealer that gave this party another leaf than
   *   it committed to, which nobody else can check
   */
  combine(index: number, accuse: (proof: WrongDealingProof) => void): CombinedStream {
    const have = this.#have(index);
    if (have === undefined) return { kind: 'lacking', have: this.#partsOf(index) };
    const contributions: SecretBytes<'contribution'>[] = [];
    let isOver = true;
    try {
      for (const { dealing, leaves } of have) {
        const contribution = this.#combined(dealing, leaves);
        contributions.push(contribution);
        if (this.#isPublished(dealing, index, contribution)) continue;
        const witnesses = this.#wrongWitnesses(dealing, index);
        if (witnesses.length > 0) {
          isOver = false;
          for (const { witness } of witnesses) this.#retract(witness);
          return { kind: 'wrong', witnesses };
        }
        this.#refuseDealer(dealing, index, contribution, leaves, accuse);
      }
      const { bundleId, requestTxId, policyHash } = this.#task.view.bundle;
      const { epoch } = this.#task.record;
      const key = deriveEpochKey({ bundleId, index, requestTxId, policyHash, epoch }, contributions);
      return { kind: 'key', key };
    } finally {
      for (const contribution of contributions) contribution.dispose();
      if (isOver) this.#wipe(index);
    }
  }

  /** Wipes all of a stream that has ended, with whatever else gives it, and keeps nothing of it that comes later. */
  forget(index: number): void {
    this.#ended.add(index);
    this.#wipe(index);
    for (const answer of this.#answers) answer.forget(this.#isEnded, this.#streams);
  }

  /** Wipes everything. */
  dispose(): void {
    for (const held of this.#released.values()) disposeOfLeaves(held.map(({ leaf }) => leaf));
    this.#released.clear();
    for (const answer of this.#answers) answer.dispose();
    for (const { leaves } of this.#dealings) disposeOfLeaves(leaves);
  }

  readonly #isEnded = (index: number): boolean => this.#ended.has(index);

  get #streams(): number {
    return this.#task.view.bundle.requests.length;
  }

  /** The leaves to combine, the party's own first; `undefined` while some dealer's are too few. */
  #have(
    index: number,
  ): readonly { readonly dealing: OwnDealing; readonly leaves: readonly HeldLeaf[] }[] | undefined {
    const { structure, party } = this.#task;
    const have = this.#dealings.map((dealing) => {
      const own = dealing.leaves[index];
      if (own === undefined) throw new RangeError('An opened dealing has a leaf of every stream');
      const released = this.#releasedOf(dealing, index).slice(0, structure.quorum);
      return { dealing, released, leaves: [{ holder: party, leaf: own }, ...released] };
    });
    return have.every(({ released }) => released.length === structure.quorum) ? have : undefined;
  }

  #combined({ checked }: OwnDealing, leaves: readonly HeldLeaf[]): SecretBytes<'contribution'> {
    const { structure } = this.#task;
    const shares = leaves.map(({ holder, leaf }): Share => {
      using share = shareBySheet(checked, holder, leaf);
      const column = checked.holders.indexOf(holder);
      return {
        index: shareIndexAtColumn(structure.kind, column),
        bytes: share.use((bytes) => Uint8Array.from(bytes)),
      };
    });
    const [own, ...others] = shares;
    if (own === undefined) throw new RangeError('A combination starts with the own share');
    try {
      return new SecretBytes('contribution', combineContribution(structure, own, others));
    } finally {
      for (const { bytes } of shares) bytes.fill(0);
    }
  }

  #isPublished({ checked }: OwnDealing, index: number, contribution: SecretBytes<'contribution'>): boolean {
    try {
      verifyContribution(checked, index, contribution);
      return true;
    } catch (error) {
      if (isEkoError(error, 'BAD_DEALING')) return false;
      throw error;
    }
  }

  /** Of a contribution that is not the published one, whoever released a leaf that misses its commitment. */
  #wrongWitnesses(
    dealing: OwnDealing,
    index: number,
  ): readonly { readonly witness: string; readonly proof: WrongShareProof | undefined }[] {
    return this.#releasedOf(dealing, index).flatMap(({ holder, leaf, answer }) => {
      try {
        verifyLeafAgainstSheet(dealing.checked, holder, leaf);
        return [];
      } catch (error) {
        if (!isEkoError(error, 'BAD_SHARE')) throw error;
        return [{ witness: holder, proof: answer.accuse(this.#task, dealing, index) }];
      }
    });
  }

  /** Throws: every witness's leaf held its commitment, and still the contribution is another one. */
  #refuseDealer(
    dealing: OwnDealing,
    index: number,
    contribution: SecretBytes<'contribution'>,
    leaves: readonly HeldLeaf[],
    accuse: (proof: WrongDealingProof) => void,
  ): void {
    for (const { holder, leaf } of leaves) verifyLeafAgainstSheet(dealing.checked, holder, leaf);
    accuse(newWrongDealingProof(this.#task, dealing, index, leaves));
    verifyContribution(dealing.checked, index, contribution);
  }

  #partsOf(index: number): readonly ReleasedPart[] {
    return this.#dealings.flatMap((of) =>
      this.#releasedOf(of, index).map(({ holder }) => ({
        witness: holder,
        dealer: of.dealing.dealer,
        streamIndex: index,
      })),
    );
  }

  #releasedOf({ dealing }: OwnDealing, index: number): readonly ReleasedLeaf[] {
    return this.#released.get(placeOf(dealing.dealer, index)) ?? [];
  }

  #retract(witness: string): void {
    for (const [place, held] of this.#released) {
      disposeOfLeaves(held.filter(({ holder }) => holder === witness).map(({ leaf }) => leaf));
      this.#released.set(
        place,
        held.filter(({ holder }) => holder !== witness),
      );
    }
  }

  /** Wipes the leaves of a stream. */
  #wipe(index: number): void {
    for (const { dealing, leaves } of this.#dealings) {
      const place = placeOf(dealing.dealer, index);
      disposeOfLeaves((this.#released.get(place) ?? []).map(({ leaf }) => leaf));
      this.#released.delete(place);
      leaves[index]?.secret.dispose();
    }
  }
}

function placeOf(dealer: string, index: number): string {
  return `${dealer}/${index}`;
}
