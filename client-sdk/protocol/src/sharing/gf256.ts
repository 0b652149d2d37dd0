/*
 * Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d), that of secrets.js-grempe.
 *
 * Two kinds of numbers occur. Scalars come from share indices, which are public: tables and branches may depend on
 * them. Secret bytes are taken four to a 32-bit word and only ever shifted, masked and multiplied as whole words: no
 * branch and no address depends on them.
 */

const POLYNOMIAL = 0x11d;
const ORDER = 255;
const EXP = new Uint8Array(ORDER);
const LOG = new Uint8Array(ORDER + 1);
for (let power = 0, value = 1; power < ORDER; power += 1) {
  EXP[power] = value;
  LOG[value] = power;
  value <<= 1;
  if (value > ORDER) value ^= POLYNOMIAL;
}

/**
 * Adds `bytes * scalar` to `sum`, each byte by itself.
 *
 * @param scalar - public, 0 to 255
 * @param sum - as long as `bytes`
 */
export function addScaled(sum: Uint8Array, bytes: Uint8Array, scalar: number): void {
  for (let at = 0; at < sum.length; at += 4) {
    storeWord(sum, at, loadWord(sum, at) ^ multiplyWord(loadWord(bytes, at), scalar));
  }
}

/**
 * The values at `index` of as many polynomials as a row of coefficients has bytes (Horner's scheme).
 *
 * @param rows - coefficients from the highest to the constant one, all of one size
 * @param index - public, 0 to 255
 */
export function evaluatePolynomials(rows: readonly Uint8Array[], index: number): Uint8Array {
  const values = new Uint8Array(rows[0]?.length ?? 0);
  for (let at = 0; at < values.length; at += 4) {
    let word = 0;
    for (const row of rows) word = multiplyWord(word, index) ^ loadWord(row, at);
    storeWord(values, at, word);
  }
  return values;
}

/**
 * How much the value at `indices[place]` counts towards the value at 0 of the polynomial through all of them.
 *
 * @param indices - public, 1 to 255, all different
 * @returns the Lagrange basis polynomial of that index, at 0
 */
export function weightAtZero(indices: readonly number[], place: number): number {
  const own = indices[place] ?? 0;
  let power = 0;
  for (let i = 0; i < indices.length; i += 1) {
    const other = indices[i] ?? 0;
    if (i !== place) power += (LOG[other] ?? 0) + ORDER - (LOG[own ^ other] ?? 0);
  }
  return EXP[power % ORDER] ?? 0;
}

/** Four secret bytes times a public scalar, bit by bit of the scalar. */
function multiplyWord(word: number, scalar: number): number {
  let product = 0;
  let multiple = word;
  for (let rest = scalar; rest > 0; rest >>>= 1) {
    if ((rest & 1) === 1) product ^= multiple;
    // Doubles each byte; those that lose their top bit are reduced, by a multiplication that cannot carry over.
    multiple =
      ((multiple << 1) & 0xfefe_fefe) ^ Math.imul((multiple >>> 7) & 0x0101_0101, POLYNOMIAL & ORDER);
  }
  return product;
}

/** Four bytes as a word; those past the end are zero. */
function loadWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The reverse of `loadWord`; a typed array ignores what is written past its end. */
function storeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}
