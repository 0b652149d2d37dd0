import { isRandomToken, looksRandom } from './random-text';

type Test = (text: string) => boolean;

const shaped =
  (shape: RegExp): Test =>
  (text) =>
    shape.test(text);

/**
 * Text that looks like key material or a credential. Metadata is public for ever once it is on a ledger, so a mistake
 * here cannot be taken back. This is for mistakes: whoever means to hide a secret in a text can.
 * @see docs/protocol.md, "1. Request and consent"
 */
const SECRET_KINDS: readonly { readonly kind: string; readonly test: Test }[] = [
  { kind: 'a PEM block', test: shaped(/-----\s*BEGIN/i) },
  { kind: 'a JSON Web Token', test: shaped(/eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/) },
  {
    kind: 'a credential',
    test: shaped(/(pass(word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credential)s?\s*[=:]/i),
  },
  { kind: 'a bearer token', test: shaped(/\bbearer\s+\S{8,}/i) },
  { kind: 'long hexadecimal', test: shaped(/[0-9a-f]{32,}/i) },
  { kind: 'long base64', test: (text) => (text.match(TOKENS) ?? []).some(isRandomToken) },
  { kind: 'a key in parts', test: (text) => isCut(text.match(PIECES) ?? []) },
];
const TOKENS = /[A-Za-z0-9+/_-]{22,}/g;
const PIECES = /[A-Za-z0-9]+/g;
/** Shorter pieces of equal length are years, months and the like. */
const PIECE_CHARACTERS = 4;
/** 16 bytes in hexadecimal. */
const HEX_CHARACTERS = 32;

/** Names the kind of secret that `text` looks like, or `undefined`. The text itself is never part of the answer. */
export function secretKindOf(text: string): string | undefined {
  return SECRET_KINDS.find(({ test }) => test(text))?.kind;
}

/**
 * As `secretKindOf`, of texts that stand next to each other: a key that is cut over several of them.
 * @param texts - the values of a list, in its order
 */
export function secretKindOfAll(texts: readonly string[]): string | undefined {
  return isCut(texts.flatMap((text) => text.match(PIECES) ?? [])) ? 'a key in parts' : undefined;
}

/**
 * As `secretKindOf`, of a host name or address with its port. Its labels are looked at each by itself and together. Names
 * that a machine gave are no secrets: an address that is written into a name, and that of a load balancer on AWS, for
 * which Kubernetes takes 32 hexadecimal digits.
 */
export function secretKindOfHost(host: string): string | undefined {
  if (/^\[[0-9a-f:.]*\](?::\d+)?$/i.test(host)) return undefined;
  const name = host
    .replace(
      /^(internal-)?a[0-9a-f]{31}-[0-9]{6,12}(?=\.[a-z0-9-]+\.elb\.amazonaws\.com(\.cn)?(:\d+)?$)/i,
      '',
    )
    .replace(/(^|\.)([0-9a-f]{1,4}-){7}[0-9a-f]{1,4}(?=\.|$)/i, '');
  return secretKindOf(name);
}

/** Tells whether pieces of equal length, the last of them perhaps shorter, are together what one piece may not be. */
function isCut(pieces: readonly string[]): boolean {
  for (let first = 0; first < pieces.length; first += 1) {
    const length = pieces[first]?.length ?? 0;
    if (length < PIECE_CHARACTERS || pieces[first - 1]?.length === length) continue;
    const after = pieces.slice(first).findIndex((piece) => piece.length !== length);
    const equal = after === -1 ? pieces.slice(first) : pieces.slice(first, first + after);
    const last = after === -1 ? undefined : pieces[first + after];
    const together = last !== undefined && last.length < length ? [...equal, last] : equal;
    if (equal.length > 1 && (isHexadecimal(equal) || isHexadecimal(together) || isRandom(equal))) return true;
  }
  return false;
}

function isHexadecimal(pieces: readonly string[]): boolean {
  const text = pieces.join('');
  return (
    text.length >= HEX_CHARACTERS && /^[0-9a-f]*$/i.test(text) && /[a-f]/i.test(text) && /[0-9]/.test(text)
  );
}

/** Most pieces of something random have a digit in them, and other letters than the rest: names that are counted have not. */
function isRandom(pieces: readonly string[]): boolean {
  const withDigit = pieces.filter((piece) => /[0-9]/.test(piece) && /[A-Za-z]/.test(piece));
  const names = new Set(withDigit.map((piece) => piece.replace(/[0-9]/g, '')));
  return 2 * names.size > pieces.length && looksRandom(pieces);
}
