import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { concatBytes, lengthPrefixed, uint32Bytes, utf8Encode, type SecretBytes } from '@eko/protocol';
import { CHECK_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES, type WrappedKey } from './slot-codec';

/** One purpose, one label. */
const LABELS = {
  wrap: 'eko/1 vault wrap',
  check: 'eko/1 vault check',
  record: 'eko/1 vault record',
} as const;

const ALGORITHM = 'aes-256-gcm';

/** Wraps data keys under a node's store key and seals records under data keys, each bound to its place. */
export class DataKeyCipher {
  /** Tells files of this store key from those of another. */
  readonly storeKeyCheck: Uint8Array;
  readonly #wrapKey: KeyObject;

  /** @param storeKey - read here only; the caller may dispose of it afterwards */
  constructor(storeKey: SecretBytes<'store key'>) {
    this.storeKeyCheck = storeKey.use((key) => derive(key, LABELS.check, CHECK_BYTES));
    const wrapKey = storeKey.use((key) => derive(key, LABELS.wrap, KEY_BYTES));
    this.#wrapKey = createSecretKey(wrapKey);
    wrapKey.fill(0);
  }

  /** Wraps a data key for one slot and one owner. */
  wrap(dataKey: Uint8Array, slot: number, owner: Uint8Array): WrappedKey {
    const nonce = newNonce();
    return { nonce, sealed: seal(this.#wrapKey, nonce, slotAad(slot, owner), dataKey) };
  }

  /** @returns the data key, which the caller wipes, or `undefined` if the slot does not hold */
  unwrap(wrapped: WrappedKey, slot: number, owner: Uint8Array): Uint8Array | undefined {
    return unseal(this.#wrapKey, wrapped.nonce, slotAad(slot, owner), wrapped.sealed);
  }
}

/** Seals a record under its data key: nonce, ciphertext, tag. */
export function sealRecord(dataKey: Uint8Array, id: string, plaintext: Uint8Array): Uint8Array {
  const nonce = newNonce();
  return concatBytes(nonce, seal(dataKey, nonce, recordAad(id), plaintext));
}

/** @returns the plaintext in a buffer of its own, or `undefined` if the record does not hold */
export function openRecord(dataKey: Uint8Array, id: string, sealed: Uint8Array): Uint8Array | undefined {
  return unseal(dataKey, sealed.subarray(0, NONCE_BYTES), recordAad(id), sealed.subarray(NONCE_BYTES));
}

const slotAad = (slot: number, owner: Uint8Array): Uint8Array =>
  lengthPrefixed(utf8Encode(LABELS.wrap), uint32Bytes(slot), owner);

const recordAad = (id: string): Uint8Array => lengthPrefixed(utf8Encode(LABELS.record), utf8Encode(id));

const newNonce = (): Uint8Array => crypto.getRandomValues(new Uint8Array(NONCE_BYTES));

function derive(key: Uint8Array, label: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), label, length));
}

function seal(
  key: Uint8Array | KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

function unseal(
  key: Uint8Array | KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const opened = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
    return Uint8Array.from(opened);
  } catch {
    // The one thing that `final` reports is a wrong tag.
    return undefined;
  } finally {
    opened.fill(0);
  }
}
