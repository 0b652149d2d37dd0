import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';

type Named<Name extends LedgerEvent['name']> = Extract<LedgerEvent, { name: Name }>;
type Pick<Name extends LedgerEvent['name']> = (event: LedgerEvent) => Named<Name> | false;

/** The request of a bundle. */
export const requestOf =
  (bundleId: string): Pick<typeof EVENTS.streamsRequested> =>
  (event) =>
    event.name === EVENTS.streamsRequested && event.payload.bundle.bundleId === bundleId && event;

/** The dealings of a bundle: its streams are active from there on. */
export const dealingsOf =
  (bundleId: string): Pick<typeof EVENTS.dealingsRecorded> =>
  (event) =>
    event.name === EVENTS.dealingsRecorded && event.payload.record.bundleId === bundleId && event;

/** The end of a bundle of one. */
export const endOfBundle =
  (bundleId: string): Pick<typeof EVENTS.streamsEnded> =>
  (event) =>
    event.name === EVENTS.streamsEnded &&
    event.payload.ends.some((end) => end.bundleId === bundleId) &&
    event;

/** A node's word that what it held of a bundle is gone. */
export const attestationOf =
  (nodeId: string, bundleId: string): Pick<typeof EVENTS.destructionAttested> =>
  (event) => {
    if (event.name !== EVENTS.destructionAttested) return false;
    const { attestation } = event.payload;
    const isIt =
      attestation.nodeId === nodeId && attestation.destructions.some((each) => each.bundleId === bundleId);
    return isIt && event;
  };
