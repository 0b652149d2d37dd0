import { EkoError, isEkoError } from '@eko/protocol';
import { NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { disposeOfLeaves } from '@eko/protocol/crypto';
import { streamEndOf } from '@eko/protocol/ledger';
import { pause } from '../pacing/backoff';
import { isAborted } from '../pacing/deadline';
import type { CollectionBounds, CollectionPorts, CollectionSink } from './collection-ports';
import type { CollectionTask } from './collection-task';
import { Inbox } from './inbox';
import type { OwnDealing } from './own-dealing';
import { checkReleaseAnswer, type CheckedAnswer } from './release-answer';
import { ReleasePlan, type PlannedCall } from './release-plan';
import { StreamCombiner, type CombinedStream } from './stream-combiner';

/** Permits asked for in one collection; more would mean that witnesses refuse for another reason. */
const MOST_PERMITS = 4;

const NEEDS_PERMIT = ['NO_PERMIT', 'PERMIT_TOO_OLD', 'PERMIT_USED'] as const;

/** What a witness answered, not yet looked into. */
interface AnswerLetter {
  readonly kind: 'answer';
  readonly call: PlannedCall;
  readonly permitTxId: string;
  readonly witnessKey: string;
  readonly answer: ReleaseAnswer;
}

type Letter =
  | { readonly kind: 'own'; readonly dealings: readonly OwnDealing[] }
  | { readonly kind: 'no own'; readonly error: unknown }
  | AnswerLetter
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
  readonly #own: Promise<readonly OwnDealing[]>;
  readonly #plan: ReleasePlan;
  readonly #inbox = new Inbox<Letter>();
  readonly #stop = new AbortController();
  /** Once the own dealings are there, against which every answer is checked; before, answers wait. */
  #checks:
    { readonly dealings: ReadonlyMap<string, OwnDealing>; readonly combiner: StreamCombiner } | undefined;
  readonly #early: AnswerLetter[] = [];
  /** Also those whose key was given before: what gave it may lie above them still. */
  readonly #ended = new Set<number>();
  #hasAsked = false;
  #permitTxId: string;
  #permits = 0;
  #isAwaitingPermit = false;

  /** @param own - the party's own dealings; the run wipes them */
  constructor(
    task: CollectionTask,
    streams: readonly number[],
    permitTxId: string,
    own: Promise<readonly OwnDealing[]>,
    ports: CollectionPorts,
    sink: CollectionSink,
    bounds: CollectionBounds,
  ) {
    this.#task = task;
    this.#ports = ports;
    this.#sink = sink;
    this.#bounds = bounds;
    this.#permitTxId = permitTxId;
    this.#own = own;
    own.then(
      (dealings) => {
        this.#inbox.put({ kind: 'own', dealings });
      },
      (error: unknown) => {
        this.#inbox.put({ kind: 'no own', error });
      },
    );
    this.#plan = new ReleasePlan({
      streams,
      witnesses: task.record.selection.witnesses,
      dealers: task.record.dealings.map(({ dealer }) => dealer),
      quorum: task.structure.quorum,
      bounds,
      hedging: ports.hedging,
      timesLate: (witness) => ports.standing?.timesLate(witness, ports.monotonicMs()) ?? 0,
    });
  }

  /** Runs until every stream has its key or has ended. */
  async finish(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#dropEnded();
      for (const letter of this.#inbox.drain()) this.#read(letter);
      if (this.#plan.unfinished.length === 0 || isAborted(signal)) return;
      const nowMs = this.#ports.monotonicMs();
      if (this.#mayAsk()) for (const call of this.#plan.next(nowMs)) void this.#ask(call);
      this.#hasAsked = true;
      const wakeAtMs = this.#plan.wakeAtMs(nowMs);
      await this.#inbox.waiting(wakeAtMs === undefined ? undefined : Math.max(1, wakeAtMs - nowMs), signal);
    }
  }

  /** While the own dealings are missing, answers wait for them: then nobody is late. */
  #mayAsk(): boolean {
    return !this.#isAwaitingPermit && (this.#checks !== undefined || !this.#hasAsked);
  }

  /** Stops calls under way and wipes what is left. */
  close(): void {
    const { standing, monotonicMs } = this.#ports;
    // Whose answer still waits to be looked into was not late.
    const heard = new Set(this.#early.map(({ call }) => call.witness));
    for (const witness of this.#plan.late(monotonicMs()))
      if (!heard.has(witness)) standing?.late(witness, monotonicMs());
    this.#stop.abort();
    if (this.#checks === undefined) this.#own.then(disposeOfAll, () => undefined);
    else this.#checks.combiner.dispose();
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
    const { monotonicMs, hedging } = this.#ports;
    const askedAtMs = monotonicMs();
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
      hedging?.answered(monotonicMs() - askedAtMs);
      const { sign: witnessKey } = node.keys;
      this.#inbox.put({ kind: 'answer', call, permitTxId, witnessKey, answer });
    } catch (error) {
      this.#inbox.put({ kind: 'failure', call, permitTxId, error });
    }
  }

  #read(letter: Letter): void {
    switch (letter.kind) {
      case 'own': {
        const dealings = new Map(letter.dealings.map((own) => [own.dealing.dealer, own]));
        const combiner = new StreamCombiner(this.#task, letter.dealings);
        for (const index of this.#ended) combiner.forget(index);
        this.#checks = { dealings, combiner };
        for (const early of this.#early.splice(0)) this.#read(early);
        break;
      }
      case 'no own':
        throw letter.error;
      case 'answer':
        if (this.#checks === undefined) this.#early.push(letter);
        else this.#check(letter, this.#checks.dealings, this.#checks.combiner);
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

  #check(
    { call, permitTxId, witnessKey, answer }: AnswerLetter,
    dealings: ReadonlyMap<string, OwnDealing>,
    combiner: StreamCombiner,
  ): void {
    const { primitives, verify, keys } = this.#ports;
    const { witness, streams } = call;
    let checked: CheckedAnswer;
    try {
      checked = checkReleaseAnswer(
        { task: this.#task, dealings, key: keys.kem, primitives, verify },
        { witness, witnessKey, streams, permitTxId },
        answer,
      );
    } catch (error) {
      this.#takeFailure(witness, permitTxId, error);
      return;
    }
    this.#take(witness, checked, combiner);
  }

  #take(witness: string, checked: CheckedAnswer, combiner: StreamCombiner): void {
    this.#ports.standing?.prompt(witness);
    if (checked.kind === 'beyond') {
      this.#plan.wrong(witness);
      this.#sink.accuse(checked.proof);
      return;
    }
    const wanted = new Set(this.#plan.unfinished);
    const parts = combiner.add(checked.answer, (index) => wanted.has(index));
    for (const index of this.#plan.answered(witness, parts, this.#ports.monotonicMs()))
      this.#complete(index, combiner);
  }

  #complete(index: number, combiner: StreamCombiner): void {
    for (;;) {
      let combined: CombinedStream;
      try {
        combined = combiner.combine(index, (proof) => {
          this.#sink.accuse(proof);
        });
      } catch (error) {
        if (!isEkoError(error)) throw error;
        this.#sink.failed(index, error);
        return;
      }
      switch (combined.kind) {
        case 'key':
          this.#sink.key(index, combined.key);
          return;
        case 'lacking':
          this.#plan.reopen(index, combined.have);
          return;
        case 'wrong':
          for (const { witness, proof } of combined.witnesses) {
            this.#plan.wrong(witness);
            if (proof !== undefined) this.#sink.accuse(proof);
          }
      }
    }
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
    const view = this.#ports.view();
    const { unfinished } = this.#plan;
    for (const index of view.bundle.requests.keys()) {
      const end = this.#ended.has(index) ? undefined : streamEndOf(view, index);
      if (end === undefined) continue;
      this.#ended.add(index);
      this.#checks?.combiner.forget(index);
      if (!unfinished.includes(index)) continue;
      this.#plan.drop(index);
      this.#sink.failed(
        index,
        new EkoError('STREAM_ENDED', 'The stream ended while its key was collected', {
          details: { reason: end.reason },
        }),
      );
    }
  }
}

function disposeOfAll(dealings: readonly OwnDealing[]): void {
  for (const { leaves } of dealings) disposeOfLeaves(leaves);
}
