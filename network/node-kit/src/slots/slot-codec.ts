import { createHash } from 'node:crypto';
import { concatBytes, equalBytes, uint32Bytes, utf8Encode } from '@eko/protocol/encoding';

/** Every slot, and the header before the first, takes so many bytes: none lies across two sectors of a disk. */
export const SLOT_BYTES = 128;

/** A small secret, sealed under the node's store key. */
export interface SealedSecret {
  readonly nonce: Uint8Array;
  /** The secret encrypted, with its tag. */
  readonly sealed: Uint8Array;
}

/** What a slot says: nothing yet, the secret of an owner, or that this owner's secret was destroyed. */
export type Slot =
  | { readonly kind: 'empty' }
  | { readonly kind: 'live'; readonly owner: Uint8Array; readonly secret: SealedSecret }
  | { readonly kind: 'shredded'; readonly owner: Uint8Array }
  | { readonly kind: 'damaged' };

/** The first bytes of the file. */
export interface SlotFileHeader {
  readonly capacity: number;
  /** Derived from the store key: tells whether the file belongs to it. */
  readonly storeKeyCheck: Uint8Array;
}

/** Size of an AES-256-GCM nonce. */
export const NONCE_BYTES = 12;
/** Size of an AES-256-GCM tag. */
export const TAG_BYTES = 16;
/** The largest secret that fits into a slot: a share with its salt. */
export const SECRET_BYTES = 64;
/** How a slot names its owner. */
export const OWNER_BYTES = 16;
/** Size of the check value of the store key. */
export const CHECK_BYTES = 16;

const MAGIC = utf8Encode('EKO key slots 2\n');
const CHECKSUM_BYTES = 8;
const LIVE = 1;
const SHREDDED = 2;
const EMPTY = new Uint8Array(SLOT_BYTES);
const OWNER_AT = 1;
const LENGTH_AT = OWNER_AT + OWNER_BYTES;
const NONCE_AT = LENGTH_AT + 1;
const SEALED_AT = NONCE_AT + NONCE_BYTES;
const BODY_BYTES = SEALED_AT + SECRET_BYTES + TAG_BYTES;

/** A slot as bytes; the secret of a slot that is not live is gone from them. */
export function encodeSlot(slot: Exclude<Slot, { kind: 'damaged' }>): Uint8Array {
  const body = new Uint8Array(BODY_BYTES);
  if (slot.kind === 'empty') return new Uint8Array(SLOT_BYTES);
  body[0] = slot.kind === 'live' ? LIVE : SHREDDED;
  body.set(slot.owner, OWNER_AT);
  if (slot.kind === 'live') {
    const { nonce, sealed } = slot.secret;
    body[LENGTH_AT] = sealed.length;
    body.set(nonce, NONCE_AT);
    body.set(sealed, SEALED_AT);
  }
  return withChecksum(body);
}

/** Reads a slot; whatever is not exactly one of the forms is damaged. */
export function decodeSlot(bytes: Uint8Array): Slot {
  if (bytes.length !== SLOT_BYTES) return { kind: 'damaged' };
  if (Buffer.compare(bytes, EMPTY) === 0) return { kind: 'empty' };
  const body = bytes.slice(0, BODY_BYTES);
  if (!equalBytes(withChecksum(body), bytes)) return { kind: 'damaged' };
  const owner = body.subarray(OWNER_AT, LENGTH_AT);
  if (body[0] === SHREDDED) return { kind: 'shredded', owner };
  const length = body[LENGTH_AT] ?? 0;
  if (body[0] !== LIVE || length < TAG_BYTES || SEALED_AT + length > BODY_BYTES) return { kind: 'damaged' };
  const nonce = body.subarray(NONCE_AT, SEALED_AT);
  return { kind: 'live', owner, secret: { nonce, sealed: body.subarray(SEALED_AT, SEALED_AT + length) } };
}

/** The header as bytes, the size of a slot. */
export function encodeSlotFileHeader(header: SlotFileHeader): Uint8Array {
  return withChecksum(concatBytes(MAGIC, uint32Bytes(header.capacity), header.storeKeyCheck));
}

/** @returns `undefined` if the bytes are no header */
export function decodeSlotFileHeader(bytes: Uint8Array): SlotFileHeader | undefined {
  const capacityAt = MAGIC.length;
  const checkAt = capacityAt + 4;
  const body = bytes.slice(0, checkAt + CHECK_BYTES);
  if (!equalBytes(body.subarray(0, capacityAt), MAGIC) || !equalBytes(withChecksum(body), bytes))
    return undefined;
  const capacity = new DataView(body.buffer).getUint32(capacityAt);
  return { capacity, storeKeyCheck: body.subarray(checkAt) };
}

/** Tells bit flips; against a forger the secrets themselves are authenticated. */
function withChecksum(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES);
  bytes.set(body);
  bytes.set(createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES), body.length);
  return bytes;
}
