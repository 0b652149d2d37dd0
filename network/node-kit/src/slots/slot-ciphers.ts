import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { type SecretBytes } from '@eko/protocol';
import { concatBytes, lengthPrefixed, uint32Bytes, utf8Encode } from '@eko/protocol/encoding';
import { CHECK_BYTES, NONCE_BYTES, TAG_BYTES, type SealedSecret } from './slot-codec';

/** One purpose, one label. */
const LABELS = {
  slot: utf8Encode('eko/1 vault slot'),
  check: 'eko/1 vault check',
  record: utf8Encode('eko/1 vault record'),
} as const;

const ALGORITHM = 'aes-256-gcm';
/** Size of a key of this cipher. */
export const KEY_BYTES = 32;

/** Seals small secrets under a node's store key, each bound to its slot and its owner. */
export class SlotCipher {
  /** Tells files of this store key from those of another. */
  readonly storeKeyCheck: Uint8Array;
  readonly #key: KeyObject;

  /** @param storeKey - read here only; the caller may dispose of it afterwards */
  constructor(storeKey: SecretBytes<'store key'>) {
    this.storeKeyCheck = storeKey.use((key) => derive(key, LABELS.check, CHECK_BYTES));
    const slotKey = storeKey.use((key) => derive(key, LABELS.slot, KEY_BYTES));
    this.#key = createSecretKey(slotKey);
    slotKey.fill(0);
  }

  /** Seals a secret for one slot and one owner, under the given nonce, which is used once. */
  seal(secret: Uint8Array, slot: number, owner: Uint8Array, nonce: Uint8Array): SealedSecret {
    return { nonce, sealed: seal(this.#key, nonce, slotAad(slot, owner), secret) };
  }

  /** @returns the secret, which the caller wipes, or `undefined` if the slot does not hold */
  open(secret: SealedSecret, slot: number, owner: Uint8Array): Uint8Array | undefined {
    return unseal(this.#key, secret.nonce, slotAad(slot, owner), secret.sealed);
  }
}

/** Seals a record under its data key: nonce, ciphertext, tag. */
export function sealRecord(dataKey: Uint8Array, id: string, plaintext: Uint8Array): Uint8Array {
  const nonce = newNonces(1);
  return concatBytes(nonce, seal(dataKey, nonce, recordAad(id), plaintext));
}

/** @returns the plaintext in a buffer of its own, or `undefined` if the record does not hold */
export function openRecord(dataKey: Uint8Array, id: string, sealed: Uint8Array): Uint8Array | undefined {
  return unseal(dataKey, sealed.subarray(0, NONCE_BYTES), recordAad(id), sealed.subarray(NONCE_BYTES));
}

/** So many fresh nonces, one after the other. */
export function newNonces(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count * NONCE_BYTES));
}

const slotAad = (slot: number, owner: Uint8Array): Uint8Array =>
  lengthPrefixed(LABELS.slot, uint32Bytes(slot), owner);

const recordAad = (id: string): Uint8Array => lengthPrefixed(LABELS.record, utf8Encode(id));

function derive(key: Uint8Array, label: string | Uint8Array, length: number): Uint8Array {
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
