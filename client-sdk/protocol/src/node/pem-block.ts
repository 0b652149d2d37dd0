const BEGIN = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*(?=\n)/g;
/** Lines such as `Proc-Type: 4,ENCRYPTED`, before the body. */
const HEADERS = /^(?:\n[^\n:]*:[^\n]*)+/;

/**
 * The bytes of the first PEM block in a text, by the rules of Go's `encoding/pem`, as Fabric reads certificates: text
 * around the block, headers, any label and any line length are let pass; the base64 itself must be sound.
 *
 * @returns nothing where there is no such block
 * @see https://pkg.go.dev/encoding/pem
 */
export function decodePemBlock(text: string): Buffer | undefined {
  for (const { 0: begin, 1: label = '', index } of text.matchAll(BEGIN)) {
    const rest = text.slice(index + begin.length);
    const end = rest.indexOf('\n-----END ');
    const isClosed =
      end >= 0 && /^\n-----END ([^\n]*?)-----[ \t\r]*(?:\n|$)/.exec(rest.slice(end))?.[1] === label;
    if (!isClosed) continue;
    const body = rest
      .slice(0, end)
      .replace(HEADERS, '')
      .replace(/[ \t\r\n]/g, '');
    const bytes = Buffer.from(body, 'base64');
    // Go reads the bits that padding leaves over loosely, and nothing else.
    const isSound = body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body);
    if (isSound) return bytes;
  }
  return undefined;
}
