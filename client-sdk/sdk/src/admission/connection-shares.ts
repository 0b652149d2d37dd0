/** How many connections are kept at a time. */
export interface ConnectionLimits {
  readonly most: number;
  /** Of them, of one owner. */
  readonly mostEach: number;
}

/**
 * Connections in shares, each of one owner: an address, or a caller that is known. A new one always gets in, for which
 * the oldest makes room: of its own owner where that one's share is full, else of whoever has most. So whoever has few
 * loses none to those who have many, however many they bring.
 *
 * Knows connections by what makes room for them only, so that it fits any kind.
 */
export class ConnectionShares {
  readonly #limits: ConnectionLimits;
  /** By owner, then by connection, the oldest first. */
  readonly #shares = new Map<string, Map<string, () => void>>();
  readonly #ownerOf = new Map<string, string>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#ownerOf.size;
  }

  /** Whether a connection is counted. */
  has(id: string): boolean {
    return this.#ownerOf.has(id);
  }

  /**
   * Takes a connection in.
   *
   * @param id - tells it from all others that are open
   * @param makeRoom - ends it; called at most once, when it is no longer counted
   */
  add(owner: string, id: string, makeRoom: () => void): void {
    this.remove(id);
    const share = this.#shares.get(owner) ?? new Map<string, () => void>();
    share.set(id, makeRoom);
    this.#shares.set(owner, share);
    this.#ownerOf.set(id, owner);
    if (share.size > this.#limits.mostEach) this.#endOldestOf(share);
    else if (this.size > this.#limits.most) this.#endOldestOf(this.#largest());
  }

  /** Forgets a connection; answers whether it was counted. */
  remove(id: string): boolean {
    const owner = this.#ownerOf.get(id);
    if (owner === undefined) return false;
    this.#ownerOf.delete(id);
    const share = this.#shares.get(owner);
    share?.delete(id);
    if (share?.size === 0) this.#shares.delete(owner);
    return true;
  }

  #endOldestOf(share: ReadonlyMap<string, () => void>): void {
    const [oldest] = share;
    if (oldest === undefined) return;
    const [id, makeRoom] = oldest;
    this.remove(id);
    makeRoom();
  }

  /** Of equal ones that of the owner who has been here longest, so that the newest connection is never the one to go. */
  #largest(): ReadonlyMap<string, () => void> {
    let largest: ReadonlyMap<string, () => void> = new Map();
    for (const share of this.#shares.values()) if (share.size > largest.size) largest = share;
    return largest;
  }
}
