import { createHash, createHmac, hash } from 'node:crypto';
import type { Platform } from '../platform/platform';
import { bytesOfBase64Url as portableBytesOf } from '../platform/portable-platform';

/** Below this, a call into Node costs more than the digits do. */
const SHORT_TEXT = 64;

/** In one call where there is one: Node 18, which may run chaincode, has none. */
const digest: (bytes: Uint8Array) => Buffer =
  typeof hash === 'function'
    ? (bytes) => hash('sha256', bytes, 'buffer')
    : (bytes) => createHash('sha256').update(bytes).digest();

export const sha256: Platform['sha256'] = (bytes) => plain(digest(bytes));

export const hmacSha256: Platform['hmacSha256'] = (key, ...message) => {
  const hmac = createHmac('sha256', key);
  for (const part of message) hmac.update(part);
  return plain(hmac.digest());
};

export const base64UrlOf: Platform['base64UrlOf'] = (bytes) => viewOf(bytes).toString('base64url');

export const bytesOfBase64Url: Platform['bytesOfBase64Url'] = (text) => {
  if (text.length < SHORT_TEXT) return portableBytesOf(text);
  // Not `Buffer.from(text)`, which may lend a part of a pool that outlives a secret.
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  const view = viewOf(bytes);
  view.write(text, 'base64url');
  // Buffer reads other forms as well; only the one that it writes is taken, and the strict reader says what is wrong.
  return view.toString('base64url') === text ? bytes : portableBytesOf(text);
};

/** The same bytes, not a copy. */
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** What others compare and print as bytes is no Buffer. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
