import type { LedgerEvent, LedgerPosition } from '@eko/protocol/ledger';

type WithoutPosition<E> = E extends LedgerEvent ? Omit<E, keyof LedgerPosition> : never;

/** The one event of a transaction: its name and the public record after the change. */
export type DomainEvent = WithoutPosition<LedgerEvent>;

/** What a transaction leaves: its answer and, if it changed anything, its event. */
export interface Outcome {
  readonly result: object;
  readonly event?: DomainEvent;
}

/** An outcome whose answer is what the event tells everybody. */
export function announced(event: DomainEvent): Outcome {
  return { result: event.payload, event };
}

/** An outcome without a change: a retry is answered with what is there already. */
export function unchanged(result: object): Outcome {
  return { result };
}
