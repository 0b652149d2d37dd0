import { LIMITS } from '@eko/protocol';
import { STATE_KEYS, consentDueUnixMs, type BundleRecord, type OpenSlotRecord } from '@eko/protocol/ledger';
import { stateKey, type DerivedWrites } from './announced-records';
import type { Flaw } from './violation';

/** The slots in which requests wait for a provider, one organisation's of each provider. */
export class OpenSlots {
  readonly #taken = new Map<string, OpenSlotRecord>();
  readonly #isDecided: (bundleId: string) => boolean;

  /** @param isDecided - whether a bundle has been accepted, or has ended as a whole */
  constructor(isDecided: (bundleId: string) => boolean) {
    this.#isDecided = isDecided;
  }

  /** A request that no offer covers takes a slot that is free, whichever its sender names; another one takes none. */
  take(bundle: BundleRecord, nowUnixMs: number, written: readonly string[]): DerivedWrites {
    if (bundle.offerId !== undefined) return { records: new Map() };
    const { bundleId, policy, initiatorMsp } = bundle;
    const slots = Array.from({ length: LIMITS.openSlots }, (_, slot) =>
      stateKey(STATE_KEYS.open, policy.provider, initiatorMsp, slot),
    );
    const slot = slots.find((key) => written.includes(key));
    if (slot === undefined) return { records: new Map(), broken: flaw(`${bundleId} waits in no slot`) };
    const before = this.#taken.get(slot);
    const record = { bundleId, untilUnixMs: consentDueUnixMs(bundle) + LIMITS.clockSkewMs };
    this.#taken.set(slot, record);
    const records = new Map([[slot, record]]);
    const isFree =
      before === undefined || nowUnixMs >= before.untilUnixMs || this.#isDecided(before.bundleId);
    return isFree
      ? { records }
      : { records, broken: flaw(`${bundleId} takes the slot in which ${before.bundleId} waits`) };
  }
}

const flaw = (text: string): Flaw => ({ rule: 'wrong-request', text });
