/**
 * Text that looks like key material or a credential. Metadata is public for ever once it is on a ledger, so a mistake
 * here cannot be taken back. @see docs/protocol.md, "1. Request and consent"
 */
const SECRET_SHAPES: readonly { readonly kind: string; readonly shape: RegExp }[] = [
  { kind: 'a PEM block', shape: /-----\s*BEGIN/i },
  { kind: 'a JSON Web Token', shape: /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/ },
  {
    kind: 'a credential',
    shape: /(pass(word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credential)s?\s*[=:]/i,
  },
  { kind: 'a bearer token', shape: /\bbearer\s+\S{8,}/i },
  { kind: 'long hexadecimal', shape: /[0-9a-f]{32,}/i },
  { kind: 'long base64', shape: /[A-Za-z0-9+/_-]{40,}/ },
];

/** Names the kind of secret that `text` looks like, or `undefined`. The text itself is never part of the answer. */
export function secretKindOf(text: string): string | undefined {
  return SECRET_SHAPES.find(({ shape }) => shape.test(text))?.kind;
}
