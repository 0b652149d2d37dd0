import { EkoError } from '../errors';
import { SIGNS, endOfString, parseJsonWithin, refuseForbiddenKey, type JsonLimits } from './json-limits';
import { isWellFormedText } from './utf8';

/**
 * Parses JSON written by people: any white space and order, but nothing that two readers could read differently.
 *
 * @throws EkoError `TOO_LARGE`, `TOO_DEEP` before parsing; `INVALID_ARGUMENT` if it is no JSON, repeats a key, has a
 *   forbidden key, half a surrogate pair, or a number that would not survive (`1e999`, `-0`, `9007199254740993`)
 */
export function parseStrictJson(text: string, limits: JsonLimits): unknown {
  const value = parseJsonWithin(text, limits);
  refuseRepeatedKeys(text);
  refuseUnsoundValues(value);
  return value;
}

/** Reads the text of JSON that is known to be sound, looking at keys only. */
function refuseRepeatedKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let i = 0;
  while (i < text.length) {
    switch (text.charCodeAt(i)) {
      case SIGNS.quote: {
        const end = endOfString(text, i);
        const keys = open.at(-1);
        if (keys !== undefined && isFollowedByColon(text, end)) addKey(keys, text.slice(i, end));
        i = end;
        continue;
      }
      case SIGNS.openBrace:
        open.push(new Set());
        break;
      case SIGNS.openBracket:
        open.push(undefined);
        break;
      case SIGNS.closeBrace:
      case SIGNS.closeBracket:
        open.pop();
    }
    i += 1;
  }
}

function addKey(keys: Set<string>, quoted: string): void {
  // Two spellings of one key ("a", "\u0061") are the same key only after unescaping.
  const key = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  refuseForbiddenKey(key);
  if (!isWellFormedText(key))
    throw new EkoError('INVALID_ARGUMENT', 'a JSON key holds half a surrogate pair');
  if (keys.has(key)) throw new EkoError('INVALID_ARGUMENT', 'JSON must not repeat a key in an object');
  keys.add(key);
}

function isFollowedByColon(text: string, from: number): boolean {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i += 1;
  return text[i] === ':';
}

function refuseUnsoundValues(value: unknown): void {
  if (typeof value === 'string' && !isWellFormedText(value)) {
    throw new EkoError('INVALID_ARGUMENT', 'a JSON text holds half a surrogate pair');
  }
  if (typeof value === 'number' && !isSoundNumber(value)) {
    throw new EkoError('INVALID_ARGUMENT', 'a JSON number is -0 or beyond what can be kept exactly');
  }
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(refuseUnsoundValues);
}

function isSoundNumber(value: number): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}
