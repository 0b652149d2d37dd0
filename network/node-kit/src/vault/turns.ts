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
