import { EkoError, LIMITS } from '@eko/protocol';
import {
  OpenSlotRecord,
  consentDueUnixMs,
  type BundleRecord,
  type OpenSlots,
  type ProviderReference,
} from '@eko/protocol/ledger';
import type { Ledger, Work } from './ledger-port';
import { readAcceptance, readEnd, readRecord } from './records';
import { openSlotKey } from './state-keys';

/**
 * Takes a slot for a request that waits for its provider, so that no organisation can make everybody keep more than
 * `LIMITS.openSlots` of them a provider. A slot is free again once its bundle is decided: that needs no write, and so no
 * key that many transactions change.
 *
 * @throws EkoError `NO_SLOT` where none is named or the named one is taken
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function takeSlot(
  bundle: BundleRecord,
  slot: number | undefined,
  { call, ledger }: Work,
): Promise<void> {
  const { bundleId, policy, initiatorMsp } = bundle;
  const { provider } = policy;
  if (slot === undefined)
    throw new EkoError('NO_SLOT', `No offer of ${provider} covers the request: name a free slot to wait in`, {
      details: { provider },
    });
  if (await isTaken(ledger, { provider, mspId: initiatorMsp, slot }, call.nowUnixMs))
    throw new EkoError(
      'NO_SLOT',
      `In slot ${slot} another request of ${initiatorMsp} waits for ${provider}`,
      {
        details: { provider, slot },
      },
    );
  const record: OpenSlotRecord = {
    bundleId,
    untilUnixMs: consentDueUnixMs(bundle) + LIMITS.clockSkewMs,
  };
  await ledger.put(openSlotKey(provider, initiatorMsp, slot), record);
}

/** The slots of the caller's organisation in which a request waits for a provider. */
export async function readOpenSlots(
  { provider }: ProviderReference,
  { call, ledger }: Work,
): Promise<OpenSlots> {
  const { mspId } = call.submitter;
  const slots = Array.from({ length: LIMITS.openSlots }, (_, slot) => slot);
  const isHeld = await Promise.all(
    slots.map((slot) => isTaken(ledger, { provider, mspId, slot }, call.nowUnixMs)),
  );
  return { taken: slots.filter((slot) => isHeld[slot] === true) };
}

interface SlotPlace {
  readonly provider: string;
  readonly mspId: string;
  readonly slot: number;
}

async function isTaken(
  ledger: Ledger,
  { provider, mspId, slot }: SlotPlace,
  nowUnixMs: number,
): Promise<boolean> {
  const record = await readRecord(ledger, OpenSlotRecord, openSlotKey(provider, mspId, slot));
  if (record === undefined || nowUnixMs >= record.untilUnixMs) return false;
  const { bundleId } = record;
  if ((await readEnd(ledger, bundleId)) !== undefined) return false;
  return (await readAcceptance(ledger, bundleId)) === undefined;
}
