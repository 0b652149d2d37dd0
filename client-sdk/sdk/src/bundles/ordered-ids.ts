/**
 * A set of IDs that is walked in their order. What was added since the last walk is sorted by itself and merged in, so
 * that a walk over thousands costs what it visits and not what sorting all of them would.
 */
export class OrderedIds {
  #sorted: string[] = [];
  #added: string[] = [];

  /** Adds an ID that is not there. */
  add(id: string): void {
    this.#added.push(id);
  }

  /** Removes an ID. */
  delete(id: string): void {
    this.#settle();
    const place = this.#placeOf(id);
    if (this.#sorted[place] === id) this.#sorted.splice(place, 1);
  }

  /** The IDs from `first` on, itself among them, in order; all without it. To be walked before the next change. */
  *from(first = ''): IterableIterator<string> {
    this.#settle();
    for (let place = this.#placeOf(first); place < this.#sorted.length; place += 1) {
      const id = this.#sorted[place];
      if (id !== undefined) yield id;
    }
  }

  /** Of the first ID that is not before this one. */
  #placeOf(id: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? id) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #settle(): void {
    if (this.#added.length === 0) return;
    const added = this.#added.sort();
    this.#added = [];
    const merged: string[] = [];
    let next = 0;
    for (const id of this.#sorted) {
      for (let other = added[next]; other !== undefined && other < id; other = added[next]) {
        merged.push(other);
        next += 1;
      }
      merged.push(id);
    }
    this.#sorted = merged.concat(added.slice(next));
  }
}
