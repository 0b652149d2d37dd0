import { EVENTS, TRANSACTIONS, parseStreamId, streamEndOf, type LedgerEvent } from '@eko/protocol';
import { isAborted } from '../pacing/deadline';
import { streamEndedError, type LostStream } from '../streams/live-streams';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';

/** A heartbeat stamped so much after a loss shows that the ledger's word of what came before it is here. */
const LATER_MS = 1_000;
/** So long the streams of a bundle that are lost gather for one question; the event of an end often comes before it. */
const GATHER_MS = 50;

/** What it takes of a client. */
type ReasonContext = Pick<ClientContext, 'ledger' | 'live' | 'clock' | 'bounds' | 'observer' | 'closing'>;

interface Waiting {
  /** From this time on a heartbeat of the ledger ends the wait. */
  readonly untilUnixMs: number;
  readonly over: () => void;
}

/**
 * Why connections were lost: an end of the stream that the other side saw first, or the loss itself. Nobody is told a
 * reason before the own peer was asked, and before the ledger has been seen to pass the time of the loss, or the bound
 * for that is over. A peer that was just restarted answers, but knows less than others.
 *
 * @see docs/protocol.md, "6. The end"
 */
export class ReasonsOfLoss {
  readonly #context: ReasonContext;
  readonly #waiting = new Set<Waiting>();
  /** Streams to ask of, by their bundle. */
  readonly #toAsk = new Map<string, Set<string>>();

  constructor(context: ReasonContext) {
    this.#context = context;
  }

  /** Takes note of an event that the client has dealt with. */
  observe(event: LedgerEvent): void {
    if (event.name !== EVENTS.heartbeat) return;
    for (const each of [...this.#waiting]) if (event.payload.atUnixMs >= each.untilUnixMs) each.over();
  }

  /** Answers `STREAM_ENDED` with the ledger's reason, else `loss`. Never rejects. */
  async of({ streamId, notAfterUnixMs }: LostStream, loss: Error, signal?: AbortSignal): Promise<Error> {
    const { bounds, closing, clock, live } = this.#context;
    const until = AbortSignal.any([closing, ...(signal === undefined ? [] : [signal])]);
    const ended = this.#endOf(streamId);
    if (ended !== undefined || isAborted(until)) return ended ?? loss;
    const nowUnixMs = clock.nowUnixMs();
    // The other side's clock may be ahead, and its stream over.
    const isNearlyOver = notAfterUnixMs - nowUnixMs <= bounds.reasonMs;
    await new Promise<void>((resolve) => {
      let stop = (): void => undefined;
      const over = (): void => {
        stop();
        resolve();
      };
      const waiting = { untilUnixMs: isNearlyOver ? Infinity : nowUnixMs + LATER_MS, over };
      this.#waiting.add(waiting);
      const cancel = clock.schedule(bounds.reasonMs, over);
      const unwatch = live.watchEnd(streamId, over);
      until.addEventListener('abort', over, { once: true });
      stop = () => {
        this.#waiting.delete(waiting);
        cancel();
        unwatch();
        until.removeEventListener('abort', over);
      };
      this.#ask(streamId);
    });
    const isExpired = clock.nowUnixMs() >= notAfterUnixMs;
    return this.#endOf(streamId) ?? (isExpired ? streamEndedError(streamId, 'expired') : loss);
  }

  #endOf(streamId: string): Error | undefined {
    const reason = this.#context.live.endReason(streamId);
    return reason === undefined ? undefined : streamEndedError(streamId, reason);
  }

  /** Asks the own peer; what it says of an end counts at once. That it says nothing of one counts for nothing. */
  #ask(streamId: string): void {
    const { bundleId } = parseStreamId(streamId);
    const gathered = this.#toAsk.get(bundleId);
    if (gathered !== undefined) {
      gathered.add(streamId);
      return;
    }
    const streamIds = new Set([streamId]);
    this.#toAsk.set(bundleId, streamIds);
    const { clock, closing } = this.#context;
    clock.schedule(GATHER_MS, () => {
      this.#toAsk.delete(bundleId);
      const isOpen = [...streamIds].some((each) => this.#endOf(each) === undefined);
      if (isOpen && !isAborted(closing)) void this.#read(bundleId, streamIds);
    });
  }

  async #read(bundleId: string, streamIds: ReadonlySet<string>): Promise<void> {
    const { ledger, live, closing, bounds } = this.#context;
    try {
      const limits = { signal: closing, deadlineMs: bounds.reasonMs };
      const view = await ledger.evaluate(TRANSACTIONS.readBundle, { bundleId }, limits);
      for (const streamId of streamIds) {
        const end = streamEndOf(view, parseStreamId(streamId).index);
        if (end !== undefined) live.end(streamId, end.reason);
      }
    } catch (error) {
      // Then the events alone can tell.
      reportTrouble(this.#context, error, 'Asking why a connection was lost');
    }
  }
}
