/** One value of an ASN.1 structure in DER: its tag, and what is in it. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The tags that a certificate is read by. */
export const DER_TAGS = {
  boolean: 0x01,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  sequence: 0x30,
  set: 0x31,
  extensions: 0xa3,
} as const;

const LONG_FORM = 0x80;
const MOST_LENGTH_BYTES = 3;

/**
 * Reads the values that stand one after the other in `bytes`, to the last byte.
 *
 * @returns `undefined` where a length is not in its one DER form, or reaches beyond the end
 */
export function readDerValues(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const length = readLength(bytes, at + 1);
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined;
    const end = length.next + length.value;
    if (end > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(length.next, end) });
    at = end;
  }
  return values;
}

/** What is in a value of this tag, taken apart; `undefined` for another tag or another form than DER. */
export function readDerParts(value: DerValue | undefined, tag: number): readonly DerValue[] | undefined {
  return value?.tag === tag ? readDerValues(value.content) : undefined;
}

function readLength(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly next: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < LONG_FORM) return { value: first, next: at + 1 };
  const count = first - LONG_FORM;
  const digits = bytes.subarray(at + 1, at + 1 + count);
  if (count === 0 || count > MOST_LENGTH_BYTES || digits.length !== count || digits[0] === 0)
    return undefined;
  const value = digits.reduce((sum, digit) => sum * 256 + digit, 0);
  return value < LONG_FORM ? undefined : { value, next: at + 1 + count };
}
