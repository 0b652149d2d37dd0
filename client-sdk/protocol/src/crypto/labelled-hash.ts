import { sha256 } from '#platform';
import { encodeBase64Url } from '../encoding/base64url';
import { lengthPrefixed } from '../encoding/bytes';
import { LABELS, type Label } from './key-labels';
import { utf8Encode } from '../encoding/utf8';

/** Size of a hash. */
export const HASH_BYTES = 32;

/** A bundle's hashes name the same few labels thousands of times. */
const encodedLabels = new Map<Label, Uint8Array>(
  Object.values(LABELS).map((label) => [label, utf8Encode(label)]),
);

/** Label and fields as bytes that no other label or list of fields gives; text is UTF-8. */
export function labelledBytes(label: Label, ...fields: readonly (Uint8Array | string)[]): Uint8Array {
  return lengthPrefixed(
    encodedLabels.get(label) ?? utf8Encode(label),
    ...fields.map((field) => (typeof field === 'string' ? utf8Encode(field) : field)),
  );
}

/** SHA-256 over label and fields: 32 bytes. */
export function labelledHash(label: Label, ...fields: readonly (Uint8Array | string)[]): Uint8Array {
  return sha256(labelledBytes(label, ...fields));
}

/** SHA-256 of bytes that name themselves, as records hold it: base64url. */
export function hashText(bytes: Uint8Array): string {
  return encodeBase64Url(sha256(bytes));
}
