import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import type { FeedEvent, FeedSubscriber } from '@eko/node-kit';

/** Events kept for readers that lost their connection; a feed sends this much at once. */
const KEPT_CHARACTERS = 1024 * 1024;

/** The ledger's events of late, for the feed of the REST API; heartbeats tell an application nothing. */
export class EventHistory {
  readonly #keptCharacters: number;
  readonly #events: FeedEvent[] = [];
  readonly #readers = new Set<FeedSubscriber>();
  #characters = 0;
  /** Events are counted from the ledger's first; this is the number of the oldest that is kept. */
  #first = 0;

  constructor(keptCharacters = KEPT_CHARACTERS) {
    this.#keptCharacters = keptCharacters;
  }

  /** The number of the oldest event that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next event gets. */
  get end(): number {
    return this.#first + this.#events.length;
  }

  /** The kept events from a number on. */
  since(number: number): readonly { readonly number: number; readonly event: FeedEvent }[] {
    const skipped = Math.max(0, number - this.#first);
    return this.#events
      .slice(skipped)
      .map((event, place) => ({ number: this.#first + skipped + place, event }));
  }

  /** Takes back an event of before a restart, the oldest first. */
  restore(event: FeedEvent, number: number): void {
    if (this.#events.length === 0) this.#first = number;
    this.#keep(event);
  }

  /** Takes the next ledger event. */
  add(event: LedgerEvent): void {
    if (event.name === EVENTS.heartbeat) return;
    const feedEvent: FeedEvent = {
      id: `${event.blockNumber.toString()}/${event.txId}`,
      name: event.name,
      data: encodeCanonicalJson(event.payload),
    };
    this.#keep(feedEvent);
    for (const reader of this.#readers) reader.send(feedEvent);
  }

  /** Sends a reader what it has missed, or all that is kept if that is less, and everything from now on. */
  subscribe(reader: FeedSubscriber): () => void {
    const { lastEventId } = reader;
    if (lastEventId !== undefined) {
      const place = this.#events.findIndex((event) => event.id === lastEventId);
      for (const event of this.#events.slice(place + 1)) reader.send(event);
    }
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  #keep(event: FeedEvent): void {
    this.#events.push(event);
    this.#characters += event.data.length;
    while (this.#characters > this.#keptCharacters) {
      this.#characters -= this.#events.shift()?.data.length ?? 0;
      this.#first += 1;
    }
  }
}
