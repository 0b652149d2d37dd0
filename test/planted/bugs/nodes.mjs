/** Bugs in what every node is made of. @type {import('../run.mjs').Bug[]} */
const SRC = 'network/node-kit/src';
const TESTS = 'test/unit/node-kit';

export const bugs = [
  {
    file: `${SRC}/vault/slot-vault.ts`,
    what: 'a destroyed secret is destroyed in memory only',
    find: "places.map(({ slot, owner }) => ({ number: slot, slot: { kind: 'shredded', owner } })),",
    replace: "[].map(({ slot, owner }) => ({ number: slot, slot: { kind: 'shredded', owner } })),",
    test: `${TESTS}/slot-vault.test.ts`,
  },
  {
    file: `${SRC}/vault/slot-vault.ts`,
    what: 'slots that nobody owns any more are not overwritten at the start',
    find: 'if (used.length > 0) {',
    replace: 'if (used.length > 1_000_000) {',
    test: `${TESTS}/slot-vault.test.ts`,
  },
  {
    file: `${SRC}/vault/share-vault.ts`,
    what: 'a record is destroyed without its key',
    find: 'await this.#keys.destroy(ids);\n      await this.#forget(ids);',
    replace: 'await this.#forget(ids);',
    test: `${TESTS}/share-vault.test.ts`,
  },
  {
    file: `${SRC}/vault/share-vault.ts`,
    what: 'the record is on the disk before the key that destroys it',
    find: 'await this.#keys.put(fresh);\n        await this.#write([...operations, ...alongside], fresh);',
    replace: 'await this.#write([...operations, ...alongside], fresh);\n        await this.#keys.put(fresh);',
    test: `${TESTS}/share-vault-crashes.test.ts`,
  },
  {
    file: `${SRC}/vault/share-vault.ts`,
    what: 'a vault whose keys are gone begins anew without a word',
    find: 'if (keys.isNew) await vault.#refuseRecordsWithoutKeys(slotFile.name);',
    replace: '',
    test: `${TESTS}/share-vault.test.ts`,
  },
  {
    file: `${SRC}/bundles/bundle-book.ts`,
    what: 'what a failed write held is lost',
    find: 'this.#hasFailed = true;\n      for (const bundleId of changed) {',
    replace: 'this.#hasFailed = true;\n      for (const bundleId of []) {',
    test: `${TESTS}/bundle-book.test.ts`,
  },
  {
    file: `${SRC}/bundles/bundle-book.ts`,
    what: 'after a failed write events are taken as if nothing had been',
    find: 'if (this.#hasFailed) await written;\n    else written.catch(() => undefined);',
    replace: 'written.catch(() => undefined);',
    test: `${TESTS}/bundle-book.test.ts`,
  },
  {
    file: `${SRC}/process/configuration.ts`,
    what: 'a setting that does not exist is ignored',
    find: 'if (property === undefined) throw unknownSetting(name, where, Object.keys(properties));',
    replace: 'if (property === undefined) return;',
    test: `${TESTS}/configuration.test.ts`,
  },
];
