import { EkoError, SecretBytes, isEkoError } from '@eko/protocol';
import {
  combineContribution,
  shareBySheet,
  shareIndexAtColumn,
  sharingStructureOf,
  verifyContribution,
  verifyLeafAgainstSheet,
  type SignatureVerifier,
  type TreeLeaf,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url } from '@eko/protocol/encoding';
import { policyHash, type WrongDealingProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { signedDealingOf, verifySignedDealing } from './signed-dealing';

/** A leaf together with who holds it. */
export interface HeldLeaf {
  readonly holder: string;
  readonly leaf: TreeLeaf;
}

/** Makes the proof against a dealer from the leaves whose shares miss its check value, the party's own first. */
export function newWrongDealingProof(
  task: CollectionTask,
  dealing: OwnDealing,
  streamIndex: number,
  leaves: readonly HeldLeaf[],
): WrongDealingProof {
  return {
    kind: 'wrong-dealing',
    dealing: signedDealingOf(task, dealing),
    policy: task.view.bundle.policy,
    streamIndex,
    openings: leaves.map(({ holder, leaf }) => ({ holder, leaf: leaf.secret.use(encodeBase64Url) })),
  };
}

/**
 * Checks a proof against a dealer from itself and the dealer's registered `sign` key: no ledger, no network.
 *
 * @returns the dealer that is shown to have dealt shares that do not give what it published
 * @throws EkoError `BAD_PROOF` where it shows nothing, `BAD_SIGNATURE`, `INVALID_COMMITMENTS`, `BAD_SHARE`,
 *   `NOT_ENOUGH_SHARES`
 * @see docs/protocol.md, "4. Release"
 */
export function verifyWrongDealingProof(
  proof: WrongDealingProof,
  keys: { readonly dealerKey: string },
  verify?: SignatureVerifier,
): string {
  const checked = verifySignedDealing(proof.dealing, keys.dealerKey, verify);
  const { context } = checked;
  if (policyHash(proof.policy) !== context.policyHash)
    throw new EkoError('BAD_PROOF', 'The policy is not the one of the dealing');
  const { holders } = checked;
  const structure = sharingStructureOf(proof.policy.witnesses);
  const shares = proof.openings.map(({ holder, leaf: bytes }) => {
    const leaf: TreeLeaf = {
      index: proof.streamIndex,
      secret: new SecretBytes('tree leaf', decodeBase64Url(bytes, 32)),
    };
    verifyLeafAgainstSheet(checked, holder, leaf);
    const index = shareIndexAtColumn(structure.kind, holders.indexOf(holder));
    return { index, bytes: shareBySheet(checked, holder, leaf).use((share) => Uint8Array.from(share)) };
  });
  const [own, ...released] = shares;
  if (own === undefined) throw new EkoError('BAD_PROOF', 'The proof opens no share');
  const contribution = new SecretBytes('contribution', combineContribution(structure, own, released));
  try {
    verifyContribution(checked, proof.streamIndex, contribution);
  } catch (error) {
    if (isEkoError(error, 'BAD_DEALING')) return context.dealer;
    throw error;
  }
  throw new EkoError('BAD_PROOF', 'The shares give the contribution that the dealer published');
}
