import { hmacSha256 } from '#platform';
import { concatBytes, uint16Bytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import type { HpkeAead, HpkePrimitives, KeyAgreementKey } from './hpke-primitives';
import { ENVELOPE_SUITE } from './suite';
import { utf8Encode } from '../encoding/utf8';

const NONE = new Uint8Array(0);
const BLOCK_COUNTER = Uint8Array.of(1);
const VERSION = utf8Encode('HPKE-v1');
const { kem: KEM, kdf: KDF } = ENVELOPE_SUITE;
const KEM_SUITE = concatBytes(utf8Encode('KEM'), uint16Bytes(KEM.id));
const BASE_MODE = Uint8Array.of(0);

/** The sending end of an HPKE context; dispose of it after the last message. */
export interface HpkeSender extends Disposable {
  /** The encapsulated key that the recipient needs. */
  readonly enc: Uint8Array;
  /** Seals the next message of the sequence. */
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
}

/** The receiving end of an HPKE context; dispose of it after the last message. */
export interface HpkeRecipient extends Disposable {
  /**
   * Opens the next message of the sequence.
   * @throws EkoError `ENVELOPE_INVALID` where it is not that message; the sequence then stays where it is
   */
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

/**
 * Opens a context towards a recipient: RFC 9180 base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256.
 *
 * @throws EkoError `INVALID_KEY` where the recipient's key has no secret (small order, wrong size)
 * @see RFC 9180 sections 4.1, 5.1.1 and 5.2
 */
export function newHpkeSender(
  input: { readonly recipientPublicKey: Uint8Array; readonly info: Uint8Array },
  primitives: HpkePrimitives,
): HpkeSender {
  const ephemeral = primitives.newEphemeralKey();
  const enc = ephemeral.publicKey;
  const agreed = agree(ephemeral, input.recipientPublicKey);
  if (agreed === undefined) {
    throw new EkoError('INVALID_KEY', 'The recipient key is no usable X25519 public key');
  }
  const keys = deriveMessageKeys(primitives, agreed, enc, input.recipientPublicKey, input.info);
  return {
    enc,
    seal: (aad, plaintext) => {
      const sealed = primitives.aead.seal(keys.key, keys.nextNonce(), aad, plaintext);
      keys.advance();
      return sealed;
    },
    [Symbol.dispose]: () => keys.wipe(),
  };
}

/**
 * Opens a context as the recipient.
 *
 * @throws EkoError `ENVELOPE_INVALID` where `enc` has no secret (small order, wrong size)
 * @see RFC 9180 sections 4.1, 5.1.1 and 5.2
 */
export function newHpkeRecipient(
  input: { readonly recipientKey: KeyAgreementKey; readonly enc: Uint8Array; readonly info: Uint8Array },
  primitives: HpkePrimitives,
): HpkeRecipient {
  const { recipientKey, enc, info } = input;
  const agreed = agree(recipientKey, enc);
  if (agreed === undefined) throw unopenable();
  const keys = deriveMessageKeys(primitives, agreed, enc, recipientKey.publicKey, info);
  return {
    open: (aad, ciphertext) => {
      if (ciphertext.length < ENVELOPE_SUITE.aead.tagBytes) throw unopenable();
      const plaintext = primitives.aead.open(keys.key, keys.nextNonce(), aad, ciphertext);
      if (plaintext === undefined) throw unopenable();
      keys.advance();
      return plaintext;
    },
    [Symbol.dispose]: () => keys.wipe(),
  };
}

/**
 * Seals one message.
 * @throws EkoError `INVALID_KEY`
 * @see RFC 9180 section 6.1
 */
export function sealHpke(
  input: {
    readonly recipientPublicKey: Uint8Array;
    readonly info: Uint8Array;
    readonly aad: Uint8Array;
    readonly plaintext: Uint8Array;
  },
  primitives: HpkePrimitives,
): { readonly enc: Uint8Array; readonly ciphertext: Uint8Array } {
  const sender = newHpkeSender(input, primitives);
  try {
    return { enc: sender.enc, ciphertext: sender.seal(input.aad, input.plaintext) };
  } finally {
    sender[Symbol.dispose]();
  }
}

/**
 * Opens one message; the caller wipes the plaintext.
 * @throws EkoError `ENVELOPE_INVALID`, one text for every reason
 * @see RFC 9180 section 6.1
 */
export function openHpke(
  input: {
    readonly recipientKey: KeyAgreementKey;
    readonly enc: Uint8Array;
    readonly info: Uint8Array;
    readonly aad: Uint8Array;
    readonly ciphertext: Uint8Array;
  },
  primitives: HpkePrimitives,
): Uint8Array {
  const recipient = newHpkeRecipient(input, primitives);
  try {
    return recipient.open(input.aad, input.ciphertext);
  } finally {
    recipient[Symbol.dispose]();
  }
}

/** The one error of whatever cannot be opened: nothing about why. */
export function unopenable(): EkoError {
  return new EkoError('ENVELOPE_INVALID', 'The sealed message cannot be opened here');
}

function agree(key: KeyAgreementKey, peerPublicKey: Uint8Array): Uint8Array | undefined {
  if (peerPublicKey.length !== KEM.encBytes) return undefined;
  const agreed = key.agree(peerPublicKey);
  return agreed?.some((byte) => byte !== 0) === true ? agreed : undefined;
}

interface MessageKeys {
  readonly key: Uint8Array;
  nextNonce(): Uint8Array;
  advance(): void;
  wipe(): void;
}

/** Wipes `agreed`. */
function deriveMessageKeys(
  primitives: HpkePrimitives,
  agreed: Uint8Array,
  enc: Uint8Array,
  recipientPublicKey: Uint8Array,
  info: Uint8Array,
): MessageKeys {
  const { aead } = primitives;
  const suite = concatBytes(
    utf8Encode('HPKE'),
    uint16Bytes(KEM.id),
    uint16Bytes(KDF.id),
    uint16Bytes(aead.id),
  );
  const extract = (suiteId: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) =>
    hmacSha256(salt, VERSION, suiteId, utf8Encode(label), ikm);
  // Every output here is at most one hash long, so one block of HKDF-Expand is all of it.
  const expand = (suiteId: Uint8Array, prk: Uint8Array, label: string, context: Uint8Array, length: number) =>
    hmacSha256(
      prk,
      uint16Bytes(length),
      VERSION,
      suiteId,
      utf8Encode(label),
      context,
      BLOCK_COUNTER,
    ).subarray(0, length);

  const kemSecret = extract(KEM_SUITE, NONE, 'eae_prk', agreed);
  const kemContext = concatBytes(enc, recipientPublicKey);
  const shared = expand(KEM_SUITE, kemSecret, 'shared_secret', kemContext, KEM.secretBytes);
  const scheduleContext = concatBytes(
    BASE_MODE,
    extract(suite, NONE, 'psk_id_hash', NONE),
    extract(suite, NONE, 'info_hash', info),
  );
  const secret = extract(suite, shared, 'secret', NONE);
  const key = expand(suite, secret, 'key', scheduleContext, aead.keyBytes);
  const baseNonce = expand(suite, secret, 'base_nonce', scheduleContext, aead.nonceBytes);
  for (const spent of [agreed, kemSecret, shared, secret]) spent.fill(0);

  let sequence = 0;
  return {
    key,
    nextNonce: () => nonceOf(baseNonce, sequence, aead),
    advance: () => {
      sequence += 1;
    },
    wipe: () => {
      key.fill(0);
      baseNonce.fill(0);
    },
  };
}

const SEQUENCE_BYTES = 4;

function nonceOf(baseNonce: Uint8Array, sequence: number, aead: HpkeAead): Uint8Array {
  if (sequence >= 2 ** (8 * SEQUENCE_BYTES)) throw new RangeError('The context has sealed all it may');
  const nonce = Uint8Array.from(baseNonce);
  for (let place = 0; place < SEQUENCE_BYTES; place += 1) {
    const at = aead.nonceBytes - 1 - place;
    nonce[at] = (nonce[at] ?? 0) ^ ((sequence >>> (8 * place)) & 0xff);
  }
  return nonce;
}
