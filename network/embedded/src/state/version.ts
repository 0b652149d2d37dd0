/** The transaction that last wrote a key: its block and its place in it, as Fabric counts them. */
export interface Version {
  readonly blockNumber: number;
  readonly txNumber: number;
}

/** Tells whether two versions, either of which may be "never written", are the same. */
export function isSameVersion(a: Version | null, b: Version | null): boolean {
  if (a === null || b === null) return a === b;
  return a.blockNumber === b.blockNumber && a.txNumber === b.txNumber;
}
