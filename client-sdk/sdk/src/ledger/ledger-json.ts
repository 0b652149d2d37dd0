import { EkoError, LIMITS } from '@eko/protocol';
import { parseCanonicalJson, utf8Decode } from '@eko/protocol/encoding';

/** Largest answer or event payload of the ledger, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Decodes what the ledger answered or announced.
 *
 * @param what - what it is, for the message
 * @throws EkoError `CORRUPT_RECORD` unless it is canonical JSON within limits
 */
export function decodeLedgerJson(bytes: Uint8Array, what: string): unknown {
  try {
    return parseCanonicalJson(utf8Decode(bytes), { maxBytes: MAX_BYTES, maxDepth: LIMITS.jsonDepth });
  } catch (error) {
    throw new EkoError('CORRUPT_RECORD', `${what} is not canonical JSON`, { cause: error });
  }
}
