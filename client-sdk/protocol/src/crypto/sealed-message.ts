import { concatBytes } from '../encoding/bytes';
import { openHpke, sealHpke, unopenable } from './hpke';
import type { HpkePrimitives, KeyAgreementKey } from './hpke-primitives';
import { PROTOCOL_VERSION } from './key-labels';
import { ENVELOPE_SUITE } from './suite';

const { kem, aead, byte } = ENVELOPE_SUITE;
const HEADER = Uint8Array.of(PROTOCOL_VERSION, byte);
const OVERHEAD_BYTES = HEADER.length + kem.encBytes + aead.tagBytes;

/**
 * Seals a plaintext for one recipient and wipes it: version, suite, encapsulated key, ciphertext.
 *
 * @param info - what the message is bound to
 * @throws EkoError `INVALID_KEY`
 */
export function sealMessage(
  input: {
    readonly recipientPublicKey: Uint8Array;
    readonly info: Uint8Array;
    readonly aad: Uint8Array;
    readonly plaintext: Uint8Array;
  },
  primitives: HpkePrimitives,
): Uint8Array {
  try {
    const { enc, ciphertext } = sealHpke(input, primitives);
    return concatBytes(HEADER, enc, ciphertext);
  } finally {
    input.plaintext.fill(0);
  }
}

/**
 * Opens what `sealMessage` sealed; the caller wipes the plaintext.
 * @throws EkoError `ENVELOPE_INVALID`, one text for every reason
 */
export function openMessage(
  input: {
    readonly recipientKey: KeyAgreementKey;
    readonly info: Uint8Array;
    readonly aad: Uint8Array;
    readonly sealed: Uint8Array;
    readonly maxBytes: number;
  },
  primitives: HpkePrimitives,
): Uint8Array {
  const { recipientKey, info, aad, sealed, maxBytes } = input;
  if (sealed.length < OVERHEAD_BYTES || sealed.length > maxBytes) throw unopenable();
  if (HEADER.some((byte, place) => sealed[place] !== byte)) throw unopenable();
  const body = sealed.subarray(HEADER.length);
  const enc = body.subarray(0, kem.encBytes);
  const ciphertext = body.subarray(kem.encBytes);
  return openHpke({ recipientKey, enc, info, aad, ciphertext }, primitives);
}
