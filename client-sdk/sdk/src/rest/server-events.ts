import { EkoError } from '@eko/protocol';

/** One server-sent event. */
export interface ServerEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

const MOST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads server-sent events until the signal aborts, which ends them without an error.
 *
 * @param onHeard - called with everything that comes, also with what is no event, and when more is asked for
 * @throws EkoError `PEER_UNAVAILABLE` when the sender ends them, `TOO_LARGE`
 * @see WHATWG HTML section 9.2
 */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onHeard: () => void = () => undefined,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body) {
      onHeard();
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MOST_CHARACTERS)
        throw new EkoError('TOO_LARGE', 'An event is larger than any can be');
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== undefined) yield event;
      }
      onHeard();
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof EkoError) throw error;
    throw new EkoError('PEER_UNAVAILABLE', 'The events broke off', { cause: error });
  }
  if (!signal.aborted) throw new EkoError('PEER_UNAVAILABLE', 'The party ended its events');
}

/** Lines `field: value`; a comment, as heartbeats are, has no field and gives no event. */
function parseBlock(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
  }
  const data = fields.get('data');
  return data === undefined
    ? undefined
    : { id: fields.get('id') ?? '', name: fields.get('event') ?? 'message', data };
}
