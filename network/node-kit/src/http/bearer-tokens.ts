import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EkoError } from '@eko/protocol';
import { utf8Decode } from '@eko/protocol/encoding';
import { readPrivateFile } from '@eko/sdk/node';

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
   * Whose token a request shows: a name that is one for each token and tells nothing of it. Compares in a time that
   * tells nothing.
   */
  callerOf(request: IncomingMessage): string | undefined {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const shown = digestOf(token ?? '');
    let known: number | undefined;
    for (const [place, digest] of this.#digests.entries()) if (timingSafeEqual(digest, shown)) known = place;
    return token === undefined || known === undefined ? undefined : `token ${known}`;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
