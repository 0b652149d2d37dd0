import { EkoError } from '../errors';
import { parseJsonWithin, refuseForbiddenKey, type JsonLimits } from './json-limits';
import { isWellFormedText } from './utf8';

/** Deeper than any document of ours; a value that refers to itself ends here too. */
const MAX_ENCODED_DEPTH = 64;

/**
 * The one JSON text of a value: no white space, keys in order of their UTF-16 units, integers only.
 *
 * @param value - plain objects, arrays, whole text, booleans, null, and integers from -(2^53 - 1) to 2^53 - 1
 * @throws EkoError `INVALID_ARGUMENT` on anything else (undefined, fractions, -0, other classes, forbidden keys),
 *   `TOO_DEEP` beyond 64 levels
 * @see RFC 8785, of which this is the part without fractions
 */
export function encodeCanonicalJson(value: unknown): string {
  return encodeValue(value, 0);
}

/**
 * Parses JSON that must be in its one canonical form; so repeated keys, white space, `1.0`, `-0` and needless
 * escapes are all refused by one rule: what was parsed must encode to the same text.
 *
 * @throws EkoError `TOO_LARGE`, `TOO_DEEP` before parsing; `INVALID_ARGUMENT` if it is no canonical JSON
 */
export function parseCanonicalJson(text: string, limits: JsonLimits): unknown {
  const value = parseJsonWithin(text, limits);
  if (encodeCanonicalJson(value) !== text) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      'the JSON is not in canonical form: encode it with encodeCanonicalJson',
    );
  }
  return value;
}

function encodeValue(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return encodeText(value);
    case 'number':
      return encodeInteger(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : encodeContainer(value, depth + 1);
    default:
      throw new EkoError('INVALID_ARGUMENT', `canonical JSON cannot hold a value of type ${typeof value}`);
  }
}

function encodeContainer(value: object, depth: number): string {
  if (depth > MAX_ENCODED_DEPTH) {
    throw new EkoError('TOO_DEEP', `JSON must be at most ${String(MAX_ENCODED_DEPTH)} levels deep`);
  }
  if (Array.isArray(value)) {
    // Array.from visits the holes of a sparse array, which are then refused as undefined.
    return `[${Array.from(value, (item: unknown) => encodeValue(item, depth)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new EkoError('INVALID_ARGUMENT', 'canonical JSON holds plain objects only');
  }
  return `{${encodeMembers(value as Record<string, unknown>, depth)}}`;
}

function encodeMembers(value: Record<string, unknown>, depth: number): string {
  let members = '';
  // Without a comparison of its own, sort() orders by UTF-16 units.
  for (const key of Object.keys(value).sort()) {
    refuseForbiddenKey(key);
    if (members !== '') members += ',';
    members += `${encodeText(key)}:${encodeValue(value[key], depth)}`;
  }
  return members;
}

function encodeText(text: string): string {
  if (!isWellFormedText(text)) throw new EkoError('INVALID_ARGUMENT', 'text holds half a surrogate pair');
  return JSON.stringify(text);
}

function encodeInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new EkoError('INVALID_ARGUMENT', 'canonical JSON holds integers from -(2^53 - 1) to 2^53 - 1 only');
  }
  return String(value);
}
