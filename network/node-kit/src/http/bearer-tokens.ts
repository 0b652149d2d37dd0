import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EkoError, utf8Decode } from '@eko/protocol';
import { readPrivateFile } from '@eko/sdk';

const MAX_FILE_BYTES = 16 * 1024;
const TOKEN = /^[A-Za-z0-9_-]{32,128}$/;
const BEARER = /^Bearer ([A-Za-z0-9_-]{32,128})$/;

/** Who may call a local API: whoever shows one of the tokens in a private file. */
export class BearerTokens {
  readonly #digests: readonly Buffer[];

  private constructor(digests: readonly Buffer[]) {
    this.#digests = digests;
  }

  /**
   * Reads a file of mode 0600 with one token a line; only their hashes are kept.
   *
   * @throws EkoError `INVALID_CONFIG` naming the file
   */
  static read(file: string): BearerTokens {
    const lines = utf8Decode(readPrivateFile(file, MAX_FILE_BYTES))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    if (lines.length === 0 || lines.some((line) => !TOKEN.test(line))) {
      throw new EkoError(
        'INVALID_CONFIG',
        `${file} must hold tokens of 32 to 128 characters A-Z a-z 0-9 _ -, one a line`,
        {
          details: { file },
        },
      );
    }
    return new BearerTokens(lines.map(digestOf));
  }

  /**
   * Lets a request pass that shows a token; compares in a time that tells nothing.
   *
   * @throws EkoError `UNAUTHENTICATED`
   */
  check(request: IncomingMessage): void {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const shown = digestOf(token ?? '');
    let isKnown = false;
    for (const digest of this.#digests) isKnown = timingSafeEqual(digest, shown) || isKnown;
    if (token === undefined || !isKnown) {
      throw new EkoError('UNAUTHENTICATED', 'Show a token of this API: authorization: Bearer …');
    }
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
