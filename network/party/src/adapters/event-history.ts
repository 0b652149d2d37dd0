import { encodeCanonicalJson, type LedgerEvent } from '@eko/protocol';
import type { FeedEvent, FeedSubscriber } from '@eko/node-kit';

/** Events kept for readers that lost their connection. */
const KEPT = 1_000;

/** The ledger's events of late, for the feed of the REST API. */
export class EventHistory {
  #events: FeedEvent[] = [];
  readonly #readers = new Set<FeedSubscriber>();

  /** Takes the next ledger event. */
  add(event: LedgerEvent): void {
    const feedEvent: FeedEvent = {
      id: `${event.blockNumber.toString()}/${event.txId}`,
      name: event.name,
      data: encodeCanonicalJson(event.payload),
    };
    this.#events.push(feedEvent);
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-KEPT);
    for (const reader of this.#readers) reader.send(feedEvent);
  }

  /** Sends a reader what it has missed, as far as it is kept, and everything from now on. */
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
