import {
  EkoError,
  NODE_ROUTES,
  ReleaseAnswer,
  endOf,
  isEkoError,
  witnessesOf,
  type SecretBytes,
} from '@eko/protocol';
import { pause } from '../pacing/backoff';
import { isAborted } from '../pacing/deadline';
import type { CollectionBounds, CollectionPorts, CollectionSink } from './collection-ports';
import type { CollectionTask } from './collection-task';
import { Inbox } from './inbox';
import type { OwnDealing } from './own-dealing';
import { checkReleaseAnswer, type CheckedAnswer } from './release-answer';
import { ReleasePlan, type PlannedCall } from './release-plan';
import { StreamCombiner } from './stream-combiner';

/** Permits asked for in one collection; more would mean that witnesses refuse for another reason. */
const MOST_PERMITS = 4;

const NEEDS_PERMIT = ['NO_PERMIT', 'PERMIT_TOO_OLD', 'PERMIT_USED'] as const;

type Letter =
  | { readonly kind: 'answer'; readonly call: PlannedCall; readonly answer: CheckedAnswer }
  | {
      readonly kind: 'failure';
      readonly call: PlannedCall;
      readonly permitTxId: string;
      readonly error: unknown;
    }
  | { readonly kind: 'permit'; readonly txId: string }
  | { readonly kind: 'no permit'; readonly error: unknown };

/** One collection of released shares under way: the plan decides, this performs. */
export class CollectionRun {
  readonly #task: CollectionTask;
  readonly #ports: CollectionPorts;
  readonly #sink: CollectionSink;
  readonly #bounds: CollectionBounds;
  readonly #dealings: ReadonlyMap<string, OwnDealing>;
  readonly #combiner: StreamCombiner;
  readonly #plan: ReleasePlan;
  readonly #inbox = new Inbox<Letter>();
  readonly #stop = new AbortController();
  #permitTxId: string;
  #permits = 0;
  #isAwaitingPermit = false;

  constructor(
    task: CollectionTask,
    streams: readonly number[],
    permitTxId: string,
    dealings: readonly OwnDealing[],
    ports: CollectionPorts,
    sink: CollectionSink,
    bounds: CollectionBounds,
  ) {
    this.#task = task;
    this.#ports = ports;
    this.#sink = sink;
    this.#bounds = bounds;
    this.#permitTxId = permitTxId;
    this.#dealings = new Map(dealings.map((dealing) => [dealing.dealing.dealer, dealing]));
    this.#combiner = new StreamCombiner(task, dealings);
    this.#plan = new ReleasePlan({
      streams: streams.map((index) => ({ index, witnesses: witnessesOf(task.record.selection, index) })),
      dealers: dealings.map(({ dealing }) => dealing.dealer),
      quorum: task.structure.quorum,
      bounds,
    });
  }

  /** Runs until every stream has its key or has ended. */
  async finish(signal: AbortSignal): Promise<void> {
    for (;;) {
      for (const letter of this.#inbox.drain()) this.#read(letter);
      this.#dropEnded();
      if (this.#plan.unfinished.length === 0 || isAborted(signal)) return;
      const nowMs = this.#ports.monotonicMs();
      if (!this.#isAwaitingPermit) for (const call of this.#plan.next(nowMs)) void this.#ask(call);
      const wakeAtMs = this.#plan.wakeAtMs(nowMs);
      await this.#inbox.waiting(wakeAtMs === undefined ? undefined : Math.max(1, wakeAtMs - nowMs), signal);
    }
  }

  /** Stops calls under way and wipes what is left. */
  close(): void {
    this.#stop.abort();
    for (const letter of this.#inbox.drain()) if (letter.kind === 'answer') disposeOf(letter.answer);
    this.#combiner.dispose();
  }

  /** The error of a collection whose time is over, naming who is silent. */
  quorumUnavailable(cause: unknown): EkoError {
    const silent = this.#plan.silent;
    return new EkoError(
      'QUORUM_UNAVAILABLE',
      `Too few witnesses answered in time; silent: ${silent.join(', ') || 'none'}`,
      { details: { silent, streams: this.#plan.unfinished.map(String) }, cause },
    );
  }

  async #ask(call: PlannedCall): Promise<void> {
    const { bundle } = this.#task.view;
    const permitTxId = this.#permitTxId;
    try {
      const node = this.#ports.node(call.witness);
      const answer = await this.#ports.peers.call({
        node,
        route: NODE_ROUTES.release,
        body: {
          bundleId: bundle.bundleId,
          epoch: this.#task.record.epoch,
          streams: call.streams,
          permitTxId,
        },
        answerSchema: ReleaseAnswer,
        deadlineMs: this.#bounds.callMs,
        signal: this.#stop.signal,
      });
      if (this.#stop.signal.aborted) return;
      const { kem } = this.#ports.keys;
      const checked = checkReleaseAnswer(
        {
          task: this.#task,
          dealings: this.#dealings,
          key: kem,
          primitives: this.#ports.primitives,
          verify: this.#ports.verify,
        },
        { witness: call.witness, witnessKey: node.keys.sign, streams: call.streams, permitTxId },
        answer,
      );
      this.#inbox.put({ kind: 'answer', call, answer: checked });
    } catch (error) {
      this.#inbox.put({ kind: 'failure', call, permitTxId, error });
    }
  }

  #read(letter: Letter): void {
    switch (letter.kind) {
      case 'answer':
        this.#take(letter.call.witness, letter.answer);
        break;
      case 'failure':
        this.#takeFailure(letter.call.witness, letter.permitTxId, letter.error);
        break;
      case 'permit':
        this.#permitTxId = letter.txId;
        this.#isAwaitingPermit = false;
        break;
      case 'no permit':
        this.#isAwaitingPermit = false;
        if (!isEkoError(letter.error, 'STREAM_ENDED')) throw letter.error;
    }
  }

  #take(witness: string, answer: CheckedAnswer): void {
    if (answer.proof !== undefined) {
      this.#plan.wrong(witness);
      this.#sink.accuse(answer.proof);
      return;
    }
    const wanted = new Set(this.#plan.unfinished);
    for (const share of answer.good) {
      if (wanted.has(share.streamIndex)) this.#combiner.add(witness, share);
      else wipeShare(share);
    }
    for (const index of this.#plan.answered(witness, answer.good, this.#ports.monotonicMs()))
      this.#complete(index);
  }

  #complete(index: number): void {
    let key: SecretBytes<'epoch key'>;
    try {
      key = this.#combiner.epochKeyOf(index, (proof) => {
        this.#sink.accuse(proof);
      });
    } catch (error) {
      if (!isEkoError(error)) throw error;
      this.#sink.failed(index, error);
      return;
    }
    this.#sink.key(index, key);
  }

  #takeFailure(witness: string, permitTxId: string, error: unknown): void {
    if (!isEkoError(error, ...NEEDS_PERMIT) || this.#permits >= MOST_PERMITS) {
      this.#plan.failed(witness, this.#ports.monotonicMs());
      return;
    }
    this.#plan.again(witness);
    if (permitTxId === this.#permitTxId && !this.#isAwaitingPermit) void this.#renewPermit();
  }

  async #renewPermit(): Promise<void> {
    this.#isAwaitingPermit = true;
    this.#permits += 1;
    try {
      const txId = await this.#ports.authorize(this.#plan.unfinished, this.#stop.signal);
      this.#inbox.put({ kind: 'permit', txId });
    } catch (error) {
      // Streams ended under way: the event that says so is near, and the next permit then asks for the others alone.
      await pause(this.#bounds.retryFirstMs, this.#stop.signal);
      this.#inbox.put({ kind: 'no permit', error });
    }
  }

  #dropEnded(): void {
    const { ends } = this.#ports.view();
    if (ends.length === 0) return;
    for (const index of this.#plan.unfinished) {
      const end = endOf(ends, index);
      if (end === undefined) continue;
      this.#plan.drop(index);
      this.#combiner.forget(index);
      this.#sink.failed(
        index,
        new EkoError('STREAM_ENDED', 'The stream ended while its key was collected', {
          details: { reason: end.reason },
        }),
      );
    }
  }
}

function disposeOf(answer: CheckedAnswer): void {
  for (const share of answer.good) wipeShare(share);
}

function wipeShare({ share, salt }: CheckedAnswer['good'][number]): void {
  share.dispose();
  salt.dispose();
}
