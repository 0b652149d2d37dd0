import { sha256 } from '#platform';
import { decodeBase64Url } from '../encoding/base64url';
import { ByteReader } from '../encoding/byte-reader';
import { uint32Bytes } from '../encoding/bytes';
import { unopenable } from '../crypto/hpke';
import type { HpkePrimitives, KeyAgreementKey } from '../crypto/hpke-primitives';
import { LABELS, PROTOCOL_VERSION } from '../crypto/key-labels';
import { HASH_BYTES, labelledBytes } from '../crypto/labelled-hash';
import { LIMITS } from '../limits';
import { openMessage, sealMessage } from '../crypto/sealed-message';
import { disposeOfNodes, type TreeNode } from '../crypto/secret-tree';
import { readTreeNodes, treeNodesBytes, writeTreeNodes } from './tree-nodes';
import { utf8Decode, utf8Encode } from '../encoding/utf8';

/** Which release: everything that the sealed answer is bound to. */
export interface ReleaseContext {
  readonly channel: string;
  readonly bundleId: string;
  readonly epoch: number;
  readonly witness: string;
  readonly party: string;
  readonly permitTxId: string;
}

/** What a witness hands over of one dealer's tree. */
export interface ReleasedNodes {
  readonly dealer: string;
  /** From left to right, none below another. */
  readonly nodes: readonly TreeNode[];
}

/** What came out of an answer; whoever opened it disposes of it. */
export class OpenedRelease implements Disposable {
  /** By dealer, in order of their node IDs. */
  readonly released: readonly ReleasedNodes[];

  constructor(released: readonly ReleasedNodes[]) {
    this.released = released;
  }

  /** Wipes every node. */
  dispose(): void {
    for (const { nodes } of this.released) disposeOfNodes(nodes);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Seals what a witness releases for a party: one message for all dealers and streams asked for.
 *
 * @param receiptHash - `receiptHash` of the receipt that speaks of this release
 * @param released - each dealer once; the nodes stay the caller's
 * @throws EkoError `INVALID_KEY`
 * @throws RangeError where dealers are doubled, none or too many, or nodes are no set
 * @see docs/protocol.md, "4. Release"
 */
export function sealReleaseMessage(
  input: {
    readonly context: ReleaseContext;
    readonly partyPublicKey: Uint8Array;
    readonly receiptHash: string;
    readonly released: readonly ReleasedNodes[];
  },
  primitives: HpkePrimitives,
): Uint8Array {
  const { context, partyPublicKey, receiptHash, released } = input;
  return sealMessage(
    {
      recipientPublicKey: partyPublicKey,
      info: releaseInfo(context, partyPublicKey),
      aad: decodeBase64Url(receiptHash, HASH_BYTES),
      plaintext: encodeReleasedNodes(released),
    },
    primitives,
  );
}

/**
 * Opens a witness's answer as the party it was sealed for; the caller checks the nodes and disposes of them.
 *
 * @throws EkoError `ENVELOPE_INVALID`, one text for every reason
 */
export function openReleaseMessage(
  input: {
    readonly context: ReleaseContext;
    readonly partyKey: KeyAgreementKey;
    readonly receiptHash: string;
    readonly sealed: Uint8Array;
  },
  primitives: HpkePrimitives,
): OpenedRelease {
  const { context, partyKey, receiptHash, sealed } = input;
  const plaintext = openMessage(
    {
      recipientKey: partyKey,
      info: releaseInfo(context, partyKey.publicKey),
      aad: decodeBase64Url(receiptHash, HASH_BYTES),
      sealed,
      maxBytes: LIMITS.releaseBytes,
    },
    primitives,
  );
  try {
    return decodeReleasedNodes(plaintext);
  } catch {
    plaintext.fill(0);
    throw unopenable();
  }
}

function releaseInfo(context: ReleaseContext, partyPublicKey: Uint8Array): Uint8Array {
  return labelledBytes(
    LABELS.releaseMessage,
    uint32Bytes(PROTOCOL_VERSION),
    context.channel,
    context.bundleId,
    uint32Bytes(context.epoch),
    context.witness,
    context.party,
    sha256(partyPublicKey),
    context.permitTxId,
  );
}

/** The number of dealers, then of each the length of its name, the name, and its nodes. */
function encodeReleasedNodes(released: readonly ReleasedNodes[]): Uint8Array {
  const ordered = [...released].sort((a, b) => (a.dealer < b.dealer ? -1 : 1));
  if (!isReleaseList(ordered)) throw new RangeError('A release holds the nodes of each dealer once');
  const parts = ordered.map(({ dealer, nodes }) => ({ name: utf8Encode(dealer), nodes }));
  const size = parts.reduce((sum, { name, nodes }) => sum + 1 + name.length + treeNodesBytes(nodes), 1);
  const plaintext = new Uint8Array(size);
  plaintext[0] = parts.length;
  let offset = 1;
  for (const { name, nodes } of parts) {
    plaintext[offset] = name.length;
    plaintext.set(name, offset + 1);
    offset += 1 + name.length;
    writeTreeNodes(plaintext, offset, nodes);
    offset += treeNodesBytes(nodes);
  }
  return plaintext;
}

function decodeReleasedNodes(plaintext: Uint8Array): OpenedRelease {
  const reader = new ByteReader(plaintext, 'ENVELOPE_INVALID', 'The release');
  const released = Array.from({ length: reader.uint8() }, () => ({
    dealer: utf8Decode(reader.take(reader.uint8())),
    nodes: readTreeNodes(reader),
  }));
  reader.end();
  if (!isReleaseList(released)) throw unopenable();
  return new OpenedRelease(released);
}

/** Dealers in order, each once, as many as a bundle may have. */
function isReleaseList(released: readonly ReleasedNodes[]): boolean {
  return (
    released.length > 0 &&
    released.length <= LIMITS.dealers &&
    released.every(({ dealer }, place) => place === 0 || dealer > (released[place - 1]?.dealer ?? ''))
  );
}
