import { EkoError } from '@eko/protocol';
import { EVENTS, destructionsBy, type LedgerEvent } from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';
import { superviseEvents } from '@eko/sdk/node';

/** A ledger event and when this process saw it, on its monotonic clock. */
export interface SeenEvent {
  readonly event: LedgerEvent;
  readonly atMs: number;
}

interface Waiter {
  /** Takes the event and answers true, if it is the one. */
  readonly offer: (seen: SeenEvent) => boolean;
}

/** Every event of the ledger as somebody sees it who only reads. */
export class LedgerLog {
  readonly #seen: SeenEvent[] = [];
  readonly #waiters = new Set<Waiter>();

  constructor(ledger: Ledger, signal: AbortSignal) {
    const { finished } = superviseEvents({
      ledger,
      consumer: {
        checkpoint: () => Promise.resolve(undefined),
        apply: async (event) => this.#add({ event, atMs: performance.now() }),
      },
      signal,
    });
    // A subscription that ends for good shows as a wait that is never met.
    finished.catch(() => undefined);
  }

  /**
   * The first event that `pick` takes, seen already or to come.
   *
   * @param what - what is waited for, for the message
   * @throws EkoError `DEADLINE_EXCEEDED`
   */
  async first<Picked extends LedgerEvent>(
    what: string,
    pick: (event: LedgerEvent) => Picked | false,
    deadlineMs: number,
  ): Promise<{ readonly event: Picked; readonly atMs: number }> {
    return new Promise((resolve, reject) => {
      const offer: Waiter['offer'] = ({ event, atMs }) => {
        const picked = pick(event);
        if (picked === false) return false;
        clearTimeout(timer);
        resolve({ event: picked, atMs });
        return true;
      };
      const waiter = { offer };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new EkoError('DEADLINE_EXCEEDED', `The ledger did not show ${what} within ${deadlineMs} ms`));
      }, deadlineMs);
      if (!this.#seen.some(offer)) this.#waiters.add(waiter);
    });
  }

  #add(seen: SeenEvent): void {
    this.#seen.push(seen);
    for (const waiter of [...this.#waiters]) if (waiter.offer(seen)) this.#waiters.delete(waiter);
  }
}

/** `block 12, transaction 3f0a...` */
export function placeOf({ blockNumber, txId }: LedgerEvent): string {
  return `block ${blockNumber.toString()}, transaction ${txId.slice(0, 16)}…`;
}

type Named<Name extends LedgerEvent['name']> = Extract<LedgerEvent, { name: Name }>;
type EventFilter<Name extends LedgerEvent['name']> = (event: LedgerEvent) => Named<Name> | false;

/** The request of a bundle. */
export const requestOf =
  (bundleId: string): EventFilter<typeof EVENTS.streamsRequested> =>
  (event) =>
    event.name === EVENTS.streamsRequested && event.payload.bundle.bundleId === bundleId && event;

/** The dealings of a bundle: its streams are active from there on. */
export const dealingsOf =
  (bundleId: string): EventFilter<typeof EVENTS.dealingsRecorded> =>
  (event) =>
    event.name === EVENTS.dealingsRecorded && event.payload.record.bundleId === bundleId && event;

/** The end of a bundle of one. */
export const endOfBundle =
  (bundleId: string): EventFilter<typeof EVENTS.streamsEnded> =>
  (event) =>
    event.name === EVENTS.streamsEnded &&
    event.payload.ends.some((end) => end.bundleId === bundleId) &&
    event;

/** A node's word that what it held of a bundle is gone. */
export const attestationOf =
  (nodeId: string, bundleId: string): EventFilter<typeof EVENTS.destructionAttested> =>
  (event) => {
    if (event.name !== EVENTS.destructionAttested) return false;
    const destroyed = destructionsBy(event.payload.record, nodeId);
    return destroyed.some((each) => each.bundleId === bundleId) && event;
  };
