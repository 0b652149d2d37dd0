import { EkoError, LIMITS } from '@eko/protocol';
import { parseCanonicalJson, parseWith, utf8Decode } from '@eko/protocol/encoding';
import {
  EVENT_PAYLOADS,
  transactionRow,
  type EventName,
  type LedgerEvent,
  type LedgerPosition,
  type TransactionName,
  type TransactionResult,
} from '@eko/protocol/ledger';

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

/**
 * Checks what a transaction answered.
 *
 * @throws EkoError `CORRUPT_RECORD` naming the field that does not fit
 */
export function parseTransactionResult<Name extends TransactionName>(
  name: Name,
  value: unknown,
): TransactionResult<Name> {
  const { result } = transactionRow(name);
  const what = `Answer of ${name.slice(name.indexOf(':') + 1)}`;
  return result === undefined ? value : parseWith(result, value, what, 'CORRUPT_RECORD');
}

/**
 * Types a chaincode event by its name, or answers `undefined` for one that this version does not know.
 *
 * @throws EkoError `CORRUPT_RECORD` for a payload that does not fit its schema
 */
export function parseLedgerEvent(
  position: LedgerPosition,
  name: string,
  payload: unknown,
): LedgerEvent | undefined {
  if (!isEventName(name)) return undefined;
  const checked = parseWith(EVENT_PAYLOADS[name], payload, `Event ${name}`, 'CORRUPT_RECORD');
  // Name and payload were matched by the table above, which the compiler cannot follow.
  return { blockNumber: position.blockNumber, txId: position.txId, name, payload: checked } as LedgerEvent;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENT_PAYLOADS, name);
}
