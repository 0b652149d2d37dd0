import { EkoError } from '../errors';
import { addScaled, evaluatePolynomials, weightAtZero } from './gf256';
import { drawRandom, type RandomSource } from '../secret/random-source';

/** One share of a secret: the polynomials' values at `index`, as many bytes as the secret. */
export interface Share {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/**
 * Splits a secret so that any `threshold` of the shares give it back and fewer give nothing.
 *
 * Each byte has a polynomial of its own, of degree `threshold - 1`, whose other coefficients are uniform, zero
 * included. With threshold 1 every share is the secret.
 *
 * @param secret - 1 byte or more; left as it is
 * @param indices - who gets a share: different numbers from 1 to 255, public
 * @returns the shares' bytes in the order of `indices`; the caller wipes them
 * @throws EkoError `INVALID_ARGUMENT` if threshold or indices cannot work, `RNG_FAILED` if the source does not
 * @see Shamir, "How to share a secret", Communications of the ACM 22 (1979)
 */
export function splitSecret(
  secret: Uint8Array,
  { threshold, indices }: { readonly threshold: number; readonly indices: readonly number[] },
  random: RandomSource,
): Uint8Array[] {
  if (secret.length === 0) throw new EkoError('INVALID_ARGUMENT', 'there is no secret to split');
  requireThreshold(threshold);
  if (threshold > indices.length) {
    throw new EkoError('INVALID_ARGUMENT', 'the threshold must not exceed the number of shares');
  }
  requireDistinctIndices(indices, 'INVALID_ARGUMENT');

  const drawn = drawRandom(random, (threshold - 1) * secret.length);
  try {
    const rows = rowsOf(drawn, secret.length);
    rows.push(secret);
    return indices.map((index) => evaluatePolynomials(rows, index));
  } finally {
    drawn.fill(0);
  }
}

/**
 * Gives back the secret from shares of it.
 *
 * A set of wrong shares gives wrong bytes, not an error: compare the result with its check value.
 *
 * @param shares - at least `threshold`; only the first so many are used
 * @returns the secret, which the caller wipes
 * @throws EkoError `BAD_SHARE` with the `index` of a share that is out of range, repeated or of another size;
 *   `NOT_ENOUGH_SHARES` with the counts
 */
export function combineShares(shares: readonly Share[], threshold: number): Uint8Array {
  requireThreshold(threshold);
  const indices = shares.map((share) => share.index);
  requireDistinctIndices(indices, 'BAD_SHARE');
  const size = shares[0]?.bytes.length ?? 0;
  for (const { index, bytes } of shares) {
    if (bytes.length === 0 || bytes.length !== size) throw badIndex(index, 'is empty or differs in size');
  }
  if (shares.length < threshold) {
    throw new EkoError('NOT_ENOUGH_SHARES', 'too few shares to give back the secret', {
      details: { needed: threshold, given: shares.length },
    });
  }

  indices.length = threshold;
  const secret = new Uint8Array(size);
  for (let place = 0; place < threshold; place += 1) {
    const share = shares[place];
    if (share !== undefined) addScaled(secret, share.bytes, weightAtZero(indices, place));
  }
  return secret;
}

function rowsOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) rows.push(bytes.subarray(at, at + size));
  return rows;
}

function requireThreshold(threshold: number): void {
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > 255) {
    throw new EkoError('INVALID_ARGUMENT', 'the threshold must be an integer from 1 to 255');
  }
}

function requireDistinctIndices(indices: readonly number[], code: 'INVALID_ARGUMENT' | 'BAD_SHARE'): void {
  for (const [place, index] of indices.entries()) {
    if (!Number.isInteger(index) || index < 1 || index > 255)
      throw badIndex(index, 'must be from 1 to 255', code);
    if (indices.indexOf(index) !== place) throw badIndex(index, 'occurs twice', code);
  }
}

function badIndex(
  index: number,
  problem: string,
  code: 'INVALID_ARGUMENT' | 'BAD_SHARE' = 'BAD_SHARE',
): EkoError {
  return new EkoError(code, `the share with index ${String(index)} ${problem}`, { details: { index } });
}
