import { Turns } from './turns';

/** Turns of its own for every name; a name under which nobody works or waits is forgotten. */
export class NamedTurns {
  readonly #byName = new Map<string, { readonly turns: Turns; taken: number }>();

  /** How many names somebody works or waits under. */
  get size(): number {
    return this.#byName.size;
  }

  /** Does `work` once all before it under this name is over; what it answers or throws is its caller's alone. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#byName.get(name) ?? { turns: new Turns(), taken: 0 };
    this.#byName.set(name, queue);
    queue.taken += 1;
    try {
      return await queue.turns.take(work);
    } finally {
      queue.taken -= 1;
      if (queue.taken === 0) this.#byName.delete(name);
    }
  }
}
