import { readFileSync } from 'node:fs';
import { version } from 'fabric-shim/package.json';
import { Simulation } from '../../../../network/embedded/src/contracts/simulation';
import { VersionedState } from '../../../../network/embedded/src/state/versioned-state';

/** The embedded ledger reaches into fabric-shim. After an upgrade, read its stub and dispatch before changing this. */
const KNOWN_VERSION = '2.5.8';

describe('fabric-shim, as far as the embedded ledger reaches into it', () => {
  it('is the version that was read', () => {
    expect(version).toBe(KNOWN_VERSION);
  });

  it('asks its peer for nothing that a simulation does not answer', () => {
    const stub = readFileSync(require.resolve('fabric-shim/lib/stub'), 'utf8');
    const iterators = readFileSync(require.resolve('fabric-shim/lib/iterators'), 'utf8');
    const asked = [...(stub + iterators).matchAll(/this\.handler\.(\w+)\(/g)].map(([, name]) => name);
    const simulation: object = new Simulation('cc', new VersionedState().snapshot());
    expect(new Set(asked).size).toBeGreaterThanOrEqual(12);
    expect(asked.filter((name) => !(String(name) in simulation))).toEqual([]);
  });
});
