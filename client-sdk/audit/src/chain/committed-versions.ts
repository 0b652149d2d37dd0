import type { NamespaceAccess, Version } from './envelope-parts';

/** The version of every key, as the valid transactions of a chain leave it, one after the other. */
export class CommittedVersions {
  readonly #versions = new Map<string, Version>();

  /** A key that a transaction has read in another version than is there now; nothing where all are up to date. */
  outdatedKey(accesses: readonly NamespaceAccess[]): string | undefined {
    for (const { namespace, reads } of accesses) {
      const outdated = reads.find(({ key, version }) => {
        const present = this.#versions.get(nameOf(namespace, key));
        return present?.blockNumber !== version?.blockNumber || present?.index !== version?.index;
      });
      if (outdated !== undefined) return outdated.key;
    }
    return undefined;
  }

  /** Takes the writes of the valid transaction at that place. Metadata of a key that is not there are lost. */
  apply(version: Version, accesses: readonly NamespaceAccess[]): void {
    for (const { namespace, writes, metadataWrites } of accesses) {
      for (const { key, isDelete } of writes) {
        if (isDelete) this.#versions.delete(nameOf(namespace, key));
        else this.#versions.set(nameOf(namespace, key), version);
      }
      for (const name of metadataWrites.map((key) => nameOf(namespace, key)))
        if (this.#versions.has(name)) this.#versions.set(name, version);
    }
  }
}

/** No namespace has a NUL in it. */
const nameOf = (namespace: string, key: string): string => `${namespace}\0${key}`;
