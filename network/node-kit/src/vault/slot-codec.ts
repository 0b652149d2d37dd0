import { createHash } from 'node:crypto';
import { concatBytes, equalBytes, uint32Bytes, utf8Encode } from '@eko/protocol';

/** Every slot, and the header before the first, takes so many bytes: none lies across two sectors of a disk. */
export const SLOT_BYTES = 128;

/** A data key, wrapped by the node's store key. */
export interface WrappedKey {
  readonly nonce: Uint8Array;
  /** The key encrypted, with its tag. */
  readonly sealed: Uint8Array;
}

/** What a slot says: nothing yet, the data key of a record, or that this record's key was destroyed. */
export type Slot =
  | { readonly kind: 'empty' }
  | { readonly kind: 'live'; readonly owner: Uint8Array; readonly wrapped: WrappedKey }
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
/** Size of a data key. */
export const KEY_BYTES = 32;
/** Size of the check value of the store key. */
export const CHECK_BYTES = 16;

const MAGIC = utf8Encode('EKO key slots 1\n');
const OWNER_BYTES = 32;
const CHECKSUM_BYTES = 8;
const LIVE = 1;
const SHREDDED = 2;
const SEALED_BYTES = KEY_BYTES + TAG_BYTES;
const EMPTY = new Uint8Array(SLOT_BYTES);
const BODY_BYTES = 1 + OWNER_BYTES + NONCE_BYTES + SEALED_BYTES;

/** A slot as bytes; the key of a slot that is not live is gone from them. */
export function encodeSlot(slot: Exclude<Slot, { kind: 'damaged' }>): Uint8Array {
  if (slot.kind === 'empty') return new Uint8Array(SLOT_BYTES);
  const body =
    slot.kind === 'live'
      ? concatBytes(Uint8Array.of(LIVE), slot.owner, slot.wrapped.nonce, slot.wrapped.sealed)
      : concatBytes(Uint8Array.of(SHREDDED), slot.owner, new Uint8Array(NONCE_BYTES + SEALED_BYTES));
  return withChecksum(body);
}

/** Reads a slot; whatever is not exactly one of the forms is damaged. */
export function decodeSlot(bytes: Uint8Array): Slot {
  if (bytes.length !== SLOT_BYTES) return { kind: 'damaged' };
  if (Buffer.compare(bytes, EMPTY) === 0) return { kind: 'empty' };
  const body = bytes.slice(0, BODY_BYTES);
  if (!equalBytes(withChecksum(body), bytes)) return { kind: 'damaged' };
  const owner = body.subarray(1, 1 + OWNER_BYTES);
  if (body[0] === SHREDDED) return { kind: 'shredded', owner };
  if (body[0] !== LIVE) return { kind: 'damaged' };
  const nonce = body.subarray(1 + OWNER_BYTES, 1 + OWNER_BYTES + NONCE_BYTES);
  return { kind: 'live', owner, wrapped: { nonce, sealed: body.subarray(1 + OWNER_BYTES + NONCE_BYTES) } };
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

/** Tells bit flips; against a forger the keys themselves are authenticated. */
function withChecksum(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES);
  bytes.set(body);
  bytes.set(createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES), body.length);
  return bytes;
}
