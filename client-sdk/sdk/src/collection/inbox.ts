/** Letters between concurrent work and the one loop that reads them, in order of arrival. */
export class Inbox<Letter> {
  readonly #letters: Letter[] = [];
  #wake: () => void = () => undefined;

  /** Leaves a letter; never waits. */
  put(letter: Letter): void {
    this.#letters.push(letter);
    this.#wake();
  }

  /** Everything that has arrived. */
  drain(): readonly Letter[] {
    return this.#letters.splice(0);
  }

  /** Resolves when a letter is there, the time has passed, or the signal aborts; whichever comes first. */
  async waiting(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
    if (this.#letters.length > 0 || signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    let onAbort: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      onAbort = resolve;
      signal.addEventListener('abort', onAbort, { once: true });
      if (milliseconds !== undefined) timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    this.#wake = () => undefined;
  }
}
