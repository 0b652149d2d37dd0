import { EkoError } from '@eko/protocol';

/** Aborts when nothing has moved for so long. */
export class IdleWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(idleMs: number) {
    this.#timer = setTimeout(() => {
      const text = `Nothing has moved for ${idleMs / 1000} s; a stream that may be silent for longer takes the upgrade`;
      this.#controller.abort(new EkoError('DEADLINE_EXCEEDED', text, { details: { idleMs } }));
    }, idleMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has moved. */
  moved(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
