import { EkoError } from '../errors';

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
  if (text.length > maxBytes || utf8Size(text) > maxBytes) {
    throw new EkoError('TOO_LARGE', `JSON must be at most ${String(maxBytes)} bytes`, {
      details: { maxBytes },
    });
  }
}

function utf8Size(text: string): number {
  let size = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    size += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return size;
}

function refuseTooDeep(text: string, maxDepth: number): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (inString) {
      if (character === '\\') i += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > maxDepth) {
        throw new EkoError('TOO_DEEP', `JSON must be at most ${String(maxDepth)} levels deep`, {
          details: { maxDepth },
        });
      }
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
  }
}
