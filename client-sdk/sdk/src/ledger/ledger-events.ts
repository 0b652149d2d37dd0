import { EVENT_PAYLOADS, type EventName, type LedgerEvent, type LedgerPosition } from '@eko/protocol/ledger';
import { parseWith } from '@eko/protocol/encoding';

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENT_PAYLOADS, name);
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
