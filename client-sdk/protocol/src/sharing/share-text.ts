import { concatBytes, equalBytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import { decodeHex, encodeHex } from '../encoding/hex';
import { combineShares, type Share } from './sharing';

/*
 * The share text of secrets.js-grempe for a 256-bit secret in its default field of 8 bits:
 *
 *   "8"          bits of the field, base 36
 *   2 digits     the share's index, hex
 *   96 digits    the share of 48 bytes, hex: 15 zero bytes, the byte 1 (its marker for where the secret begins) and
 *                the secret; it pads to a multiple of 128 bits
 *
 * Every byte has a polynomial of its own, so the last 32 bytes alone are a share of the secret.
 */

const PREFIX = '8';
const PADDING_BYTES = 16;
const SECRET_BYTES = 32;
const TEXT_CHARACTERS = PREFIX.length + 2 * (1 + PADDING_BYTES + SECRET_BYTES);
const MARKED_PADDING = new Uint8Array(PADDING_BYTES).fill(1, PADDING_BYTES - 1);

/** A share of a 256-bit secret as it stands in a share text. */
export interface TextShare extends Share {
  /** This index's 16 bytes of the shared padding and marker; they are no secret. */
  readonly padding: Uint8Array;
}

/**
 * Writes a share of a 256-bit secret as text that secrets.js-grempe combines.
 *
 * The text is a secret that cannot be wiped: it is for taking a share out of the system, by hand.
 *
 * @param share - its padding is written as it is; without one, the padding is not shared but repeated in every share,
 *   which combines to the same
 * @returns 99 characters
 * @throws EkoError `INVALID_ARGUMENT` if index or sizes do not fit the format
 */
export function exportShareText(share: Share | TextShare): string {
  const padding = 'padding' in share ? share.padding : MARKED_PADDING;
  if (share.bytes.length !== SECRET_BYTES || padding.length !== PADDING_BYTES) {
    throw new EkoError('INVALID_ARGUMENT', 'a share text holds a share of a 32-byte secret');
  }
  requireIndex(share.index);
  return PREFIX + encodeHex(concatBytes(Uint8Array.of(share.index), padding, share.bytes));
}

/**
 * Reads a share text, strictly: nothing reaches any arithmetic before its form is known to be exactly right.
 *
 * @throws EkoError `INVALID_ARGUMENT` on another field, length, index or upper-case digits; the text is not repeated
 */
export function parseShareText(text: string): TextShare {
  if (text.length !== TEXT_CHARACTERS || !text.startsWith(PREFIX)) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      `a share text has ${String(TEXT_CHARACTERS)} characters and begins with ${PREFIX}`,
    );
  }
  const content = decodeHex(text.slice(PREFIX.length));
  const index = content[0] ?? 0;
  requireIndex(index);
  return {
    index,
    padding: content.subarray(1, 1 + PADDING_BYTES),
    bytes: content.subarray(1 + PADDING_BYTES),
  };
}

/**
 * Gives back the secret from parsed share texts, and checks the marker that they share along with it.
 *
 * The marker finds a wrong set only among shares that secrets.js-grempe split; ours repeat it.
 *
 * @returns 32 bytes, which the caller wipes
 * @throws EkoError `BAD_SHARE` if they do not belong together, and as `combineShares`
 */
export function combineTextShares(shares: readonly TextShare[], threshold: number): Uint8Array {
  const padding = combineShares(
    shares.map((share) => ({ index: share.index, bytes: share.padding })),
    threshold,
  );
  if (!equalBytes(padding, MARKED_PADDING)) {
    throw new EkoError(
      'BAD_SHARE',
      'the share texts do not belong together, or are fewer than were required',
    );
  }
  return combineShares(shares, threshold);
}

function requireIndex(index: number): void {
  if (!Number.isInteger(index) || index < 1 || index > 255) {
    throw new EkoError('INVALID_ARGUMENT', "a share's index is a number from 1 to 255");
  }
}
