import { parseStreamId } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, streamEndOf, type LedgerEvent } from '@eko/protocol/ledger';
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
  readonly streamId: string;
  /** From this time on a heartbeat of the ledger ends the wait. */
  readonly untilUnixMs: number;
  readonly over: () => void;
}

/** Losses of one bundle that go into one question. */
interface Question {
  readonly losses: Set<Waiting>;
  /** Takes the question back. */
  readonly cancel: () => void;
}

/**
 * Why connections were lost: an end of the stream that the other side saw first, or the loss itself. Nobody is told of a
 * loss before the ledger has been seen to pass its time, or the bound for that is over; the own peer is asked meanwhile.
 * A peer that was just restarted answers, but knows less than others.
 *
 * @see docs/protocol.md, "6. The end"
 */
export class ReasonsOfLoss {
  readonly #context: ReasonContext;
  readonly #waiting = new Set<Waiting>();
  /** What is to be asked, by bundle. */
  readonly #questions = new Map<string, Question>();

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
      const waiting: Waiting = {
        streamId,
        untilUnixMs: isNearlyOver ? Infinity : nowUnixMs + LATER_MS,
        over,
      };
      this.#waiting.add(waiting);
      const cancel = clock.schedule(bounds.reasonMs, over);
      const unwatch = live.watchEnd(streamId, over);
      until.addEventListener('abort', over, { once: true });
      stop = () => {
        this.#waiting.delete(waiting);
        this.#takeBack(waiting);
        cancel();
        unwatch();
        until.removeEventListener('abort', over);
      };
      this.#ask(waiting);
    });
    const isExpired = clock.nowUnixMs() >= notAfterUnixMs;
    return this.#endOf(streamId) ?? (isExpired ? streamEndedError(streamId, 'expired') : loss);
  }

  #endOf(streamId: string): Error | undefined {
    const reason = this.#context.live.endReason(streamId);
    return reason === undefined ? undefined : streamEndedError(streamId, reason);
  }

  /** Asks the own peer; what it says of an end counts at once. That it says nothing of one counts for nothing. */
  #ask(waiting: Waiting): void {
    const { bundleId } = parseStreamId(waiting.streamId);
    const question = this.#questions.get(bundleId);
    if (question !== undefined) {
      question.losses.add(waiting);
      return;
    }
    const losses = new Set([waiting]);
    const cancel = this.#context.clock.schedule(GATHER_MS, () => {
      this.#questions.delete(bundleId);
      void this.#read(bundleId, new Set(Array.from(losses, ({ streamId }) => streamId)));
    });
    this.#questions.set(bundleId, { losses, cancel });
  }

  /** What is known without an answer needs none. */
  #takeBack(waiting: Waiting): void {
    const { bundleId } = parseStreamId(waiting.streamId);
    const question = this.#questions.get(bundleId);
    if (question?.losses.delete(waiting) !== true || question.losses.size > 0) return;
    question.cancel();
    this.#questions.delete(bundleId);
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
