import type { StreamClock } from '@eko/sdk/node';

/** A clock that stands still until a test moves it. */
export class ManualClock implements StreamClock {
  #nowMs = 1_700_000_000_000;
  readonly #tasks = new Set<{ readonly atMs: number; readonly task: () => void }>();

  nowUnixMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#tasks.size;
  }

  /** Moves on and runs what has become due, in order. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const entry of [...this.#tasks].sort((a, b) => a.atMs - b.atMs)) {
      if (entry.atMs <= this.#nowMs && this.#tasks.delete(entry)) entry.task();
    }
  }

  /** Moves on without running anything, like a process that gets no turn. */
  skip(ms: number): void {
    this.#nowMs += ms;
  }
}
