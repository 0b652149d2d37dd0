import { EkoError } from '../errors';

const encoder = new TextEncoder();

/** How much JSON a reader takes. */
export interface JsonLimits {
  /** Longest text, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Most containers inside each other; `[]` is 1 deep. */
  readonly maxDepth: number;
}

/** Keys that no document may have: they reach an object's prototype. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses a key that reaches an object's prototype.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function refuseForbiddenKey(key: string): void {
  if (FORBIDDEN_KEYS.has(key)) throw new EkoError('INVALID_ARGUMENT', `JSON must not have the key ${key}`);
}

/**
 * Parses JSON that is neither too large nor too deep; both are known before any of it is parsed.
 *
 * @throws EkoError `TOO_LARGE`, `TOO_DEEP`, or `INVALID_ARGUMENT` if it is no JSON; the text is not repeated
 */
export function parseJsonWithin(text: string, limits: JsonLimits): unknown {
  refuseTooLarge(text, limits.maxBytes);
  refuseTooDeep(text, limits.maxDepth);
  try {
    return JSON.parse(text);
  } catch {
    // The engine's error quotes the text, which may hold a secret: it is not kept as a cause.
    throw new EkoError('INVALID_ARGUMENT', 'the text is not JSON');
  }
}

function refuseTooLarge(text: string, maxBytes: number): void {
  // A UTF-16 unit takes 1 to 3 bytes, so counting is rarely needed.
  if (text.length * 3 <= maxBytes) return;
  if (text.length > maxBytes || encoder.encode(text).length > maxBytes) {
    throw new EkoError('TOO_LARGE', `JSON must be at most ${String(maxBytes)} bytes`, {
      details: { maxBytes },
    });
  }
}

function refuseTooDeep(text: string, maxDepth: number): void {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case SIGNS.quote:
        i = endOfString(text, i) - 1;
        break;
      case SIGNS.openBrace:
      case SIGNS.openBracket:
        depth += 1;
        if (depth > maxDepth) {
          throw new EkoError('TOO_DEEP', `JSON must be at most ${String(maxDepth)} levels deep`, {
            details: { maxDepth },
          });
        }
        break;
      case SIGNS.closeBrace:
      case SIGNS.closeBracket:
        depth -= 1;
    }
  }
}

/** UTF-16 units of what gives JSON its form. */
export const SIGNS = {
  quote: 0x22,
  backslash: 0x5c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openBracket: 0x5b,
  closeBracket: 0x5d,
} as const;

/**
 * Where the string that begins at `start` ends: the place after its closing quote, or the end of the text. Strings make up
 * most of a message, so they are searched and not walked through.
 */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1))
    if (!isEscaped(text, quote)) return quote + 1;
  return text.length;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === SIGNS.backslash) first -= 1;
  return (at - first) % 2 === 1;
}
