import type { DescribedApi } from './described-api';

/** One server-sent event. */
export interface ReadEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

/** Reads a party's event feed as a browser would. */
export class EventReader {
  readonly #events: AsyncGenerator<ReadEvent>;
  readonly #stop: AbortController;

  private constructor(events: AsyncGenerator<ReadEvent>, stop: AbortController) {
    this.#events = events;
    this.#stop = stop;
  }

  static async open(api: DescribedApi, lastEventId?: string): Promise<EventReader> {
    const stop = new AbortController();
    const answer = await fetch(`${api.address}/v1/events`, {
      signal: stop.signal,
      headers: {
        authorization: `Bearer ${api.token}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    if (answer.headers.get('content-type') !== 'text/event-stream' || answer.body === null)
      throw new Error(`no feed: ${answer.status}`);
    return new EventReader(eventsOf(answer.body), stop);
  }

  /** The next event of which `wanted` is true; those before it are passed over. */
  async next(wanted: (event: ReadEvent) => boolean): Promise<ReadEvent> {
    for (;;) {
      const step: IteratorResult<ReadEvent, unknown> = await this.#events.next();
      if (step.done === true) throw new Error('the events ended');
      if (wanted(step.value)) return step.value;
    }
  }

  close(): void {
    this.#stop.abort();
  }
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ReadEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, id, name, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (id !== undefined && name !== undefined && data !== undefined) yield { id, name, data };
    }
  }
}
