import type {
  EventName,
  EventPayloads,
  TRANSACTIONS,
  TransactionEvent,
  TransactionResult,
} from '@eko/protocol/ledger';

/** What a transaction leaves: its answer and, if it changed anything, its event. */
export interface Outcome<Event extends EventName = EventName, Result = object> {
  readonly result: Result;
  /** The name, and the public record after the change. */
  readonly event?: { readonly name: Event; readonly payload: EventPayloads[Event] };
}

type Name<Key extends keyof typeof TRANSACTIONS> = (typeof TRANSACTIONS)[Key];

/** What a transaction may leave by its row in `TRANSACTION_ROWS`. */
export type OutcomeOf<Key extends keyof typeof TRANSACTIONS> = Outcome<
  TransactionEvent<Name<Key>>,
  unknown extends TransactionResult<Name<Key>> ? object : TransactionResult<Name<Key>>
>;

/** An outcome whose answer is what the event tells everybody. */
export function announced<Event extends EventName>(
  name: Event,
  payload: EventPayloads[Event],
): Outcome<Event, EventPayloads[Event]> {
  return { result: payload, event: { name, payload } };
}

/** An outcome without a change: a retry is answered with what is there already. */
export function unchanged<Result extends object>(result: Result): Outcome<never, Result> {
  return { result };
}
