import { sha256 } from '#platform';
import { decodeBase64Url } from '../encoding/base64url';
import { dealingContextHash, type DealingContext } from './dealing-context';
import { unopenable } from '../crypto/hpke';
import type { HpkePrimitives, KeyAgreementKey } from '../crypto/hpke-primitives';
import { LABELS } from '../crypto/key-labels';
import { HASH_BYTES, labelledBytes } from '../crypto/labelled-hash';
import { LIMITS } from '../limits';
import { openMessage, sealMessage } from '../crypto/sealed-message';
import { TREE_NODE_BYTES, treeRoot, type TreeNode } from '../crypto/secret-tree';

/**
 * Seals a holder's root of a dealing in an envelope, which opens for this holder and this dealing alone.
 *
 * @param sheetHash - base64url SHA-256 of the dealing's commitment sheet
 * @param root - stays the caller's
 * @throws EkoError `INVALID_KEY` where the holder's key is unusable
 * @see docs/protocol.md, "3. Dealing"
 */
export function sealRootEnvelope(
  input: {
    readonly context: DealingContext;
    readonly holder: string;
    readonly holderPublicKey: Uint8Array;
    readonly sheetHash: string;
    readonly root: TreeNode;
  },
  primitives: HpkePrimitives,
): Uint8Array {
  const { context, holder, holderPublicKey, sheetHash, root } = input;
  if (root.depth !== 0) throw new RangeError('An envelope holds the root of a tree');
  return sealMessage(
    {
      recipientPublicKey: holderPublicKey,
      info: envelopeInfo(context, holder, holderPublicKey),
      aad: decodeBase64Url(sheetHash, HASH_BYTES),
      plaintext: root.secret.use((bytes) => Uint8Array.from(bytes)),
    },
    primitives,
  );
}

/**
 * Opens an envelope as its holder, who disposes of the root.
 *
 * @throws EkoError `ENVELOPE_INVALID`, one text for every reason: cut, changed, for another holder, bundle or epoch
 */
export function openRootEnvelope(
  input: {
    readonly context: DealingContext;
    readonly holder: string;
    readonly holderKey: KeyAgreementKey;
    readonly sheetHash: string;
    readonly envelope: Uint8Array;
  },
  primitives: HpkePrimitives,
): TreeNode {
  const { context, holder, holderKey, sheetHash, envelope } = input;
  const plaintext = openMessage(
    {
      recipientKey: holderKey,
      info: envelopeInfo(context, holder, holderKey.publicKey),
      aad: decodeBase64Url(sheetHash, HASH_BYTES),
      sealed: envelope,
      maxBytes: LIMITS.envelopeBytes,
    },
    primitives,
  );
  if (plaintext.length === TREE_NODE_BYTES) return treeRoot(plaintext);
  plaintext.fill(0);
  throw unopenable();
}

function envelopeInfo(context: DealingContext, holder: string, holderPublicKey: Uint8Array): Uint8Array {
  return labelledBytes(LABELS.shareEnvelope, dealingContextHash(context), holder, sha256(holderPublicKey));
}
