/** Does one piece of work after another, in the order in which they were given, whatever became of those before. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` once all before it is over; what it answers or throws is its caller's alone. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

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
