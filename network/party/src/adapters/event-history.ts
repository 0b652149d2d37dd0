import { EVENTS, encodeCanonicalJson, type LedgerEvent } from '@eko/protocol';
import type { FeedEvent, FeedSubscriber } from '@eko/node-kit';

/** Events kept for readers that lost their connection; a feed sends this much at once. */
const KEPT_CHARACTERS = 1024 * 1024;

/** The ledger's events of late, for the feed of the REST API; heartbeats tell an application nothing. */
export class EventHistory {
  readonly #keptCharacters: number;
  readonly #events: FeedEvent[] = [];
  readonly #readers = new Set<FeedSubscriber>();
  #characters = 0;

  constructor(keptCharacters = KEPT_CHARACTERS) {
    this.#keptCharacters = keptCharacters;
  }

  /** Takes the next ledger event. */
  add(event: LedgerEvent): void {
    if (event.name === EVENTS.heartbeat) return;
    const feedEvent: FeedEvent = {
      id: `${event.blockNumber.toString()}/${event.txId}`,
      name: event.name,
      data: encodeCanonicalJson(event.payload),
    };
    this.#events.push(feedEvent);
    this.#characters += feedEvent.data.length;
    while (this.#characters > this.#keptCharacters)
      this.#characters -= this.#events.shift()?.data.length ?? 0;
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
}
