/** How a text changes between kinds of characters, as far as its parts hang together. */
interface Turns {
  /** Neighbours in one part. */
  readonly pairs: number;
  /** Those of them that are of two kinds: a capital before a small letter is of one. */
  readonly turns: number;
  readonly hasSmall: boolean;
  readonly hasCapital: boolean;
  readonly hasDigit: boolean;
}

/** 16 bytes in base64. */
const MIXED_CHARACTERS = 22;
/** Parts this short say nothing of how a text was made. */
const MIXED_PART = 8;
/** 15 bytes in base32, which has one case. */
const ONE_CASE_CHARACTERS = 24;
/**
 * How many of 100 neighbours differ in kind at least. Random base64 has 48 on average and random base32 30. Of 200,000
 * names of packages, ten have as many.
 */
const MIXED_TURNS = 25;
const ONE_CASE_TURNS = 15;

/**
 * Tells whether parts that belong together, of letters and digits alone, look as if they were drawn at random: 16 bytes
 * or more in base64, base32 or the like. Words, names and numbers change less often between letters, capitals and digits.
 *
 * @param characters - how long they are with what stood between them
 */
export function looksRandom(parts: readonly string[], characters = parts.join('').length): boolean {
  const { pairs, turns, hasSmall, hasCapital, hasDigit } = turnsOf(parts);
  if (hasSmall && hasCapital) return characters >= MIXED_CHARACTERS && 100 * turns >= MIXED_TURNS * pairs;
  return hasDigit && characters >= ONE_CASE_CHARACTERS && 100 * turns >= ONE_CASE_TURNS * pairs;
}

/** As `looksRandom`, of one text with the signs of base64 in it: they part it, and one of its parts is long. */
export function isRandomToken(token: string): boolean {
  const parts = token.split(/[+/_-]/);
  const longest = Math.max(...parts.map(({ length }) => length));
  const { hasSmall, hasCapital } = turnsOf(parts);
  return (
    longest >= (hasSmall && hasCapital ? MIXED_PART : ONE_CASE_CHARACTERS) && looksRandom(parts, token.length)
  );
}

function turnsOf(parts: readonly string[]): Turns {
  const kinds = parts.map((part) => Array.from(part, kindOf));
  const pairs = kinds.flatMap((part) => part.slice(1).map((kind, place) => [part[place], kind] as const));
  const all = new Set(kinds.flat());
  return {
    pairs: pairs.length,
    turns: pairs.filter(([a, b]) => a !== b && !(a === 'capital' && b === 'small')).length,
    hasSmall: all.has('small'),
    hasCapital: all.has('capital'),
    hasDigit: all.has('digit'),
  };
}

function kindOf(character: string): 'small' | 'capital' | 'digit' {
  if (character >= 'a' && character <= 'z') return 'small';
  if (character >= 'A' && character <= 'Z') return 'capital';
  return 'digit';
}
