import { CommittedVersions } from '../../../../client-sdk/audit/src/chain/committed-versions';
import type { NamespaceAccess, Version } from '../../../../client-sdk/audit/src/chain/envelope-parts';

const at = (blockNumber: number, index: number): Version => ({
  blockNumber: BigInt(blockNumber),
  index: BigInt(index),
});
const access = (change: Partial<NamespaceAccess>): NamespaceAccess[] => [
  { namespace: 'eko', reads: [], writes: [], metadataWrites: [], ...change },
];
const reads = (version: Version | undefined, namespace = 'eko') =>
  access({ namespace, reads: [{ key: 'k', version }] });
const write = (isDelete = false) => access({ writes: [{ key: 'k', isDelete, value: new Uint8Array() }] });

describe('the versions that valid transactions leave', () => {
  let versions: CommittedVersions;
  beforeEach(() => {
    versions = new CommittedVersions();
  });

  it('are those of the last write, of which any other is outdated', () => {
    expect(versions.outdatedKey(reads(undefined))).toBeUndefined();
    expect(versions.outdatedKey(reads(at(1, 0)))).toBe('k');
    versions.apply(at(1, 0), write());
    versions.apply(at(2, 3), write());
    expect(versions.outdatedKey(reads(at(2, 3)))).toBeUndefined();
    for (const other of [undefined, at(1, 0), at(2, 2), at(3, 3)])
      expect(versions.outdatedKey(reads(other))).toBe('k');
  });

  it('are of one namespace', () => {
    versions.apply(at(1, 0), write());
    expect(versions.outdatedKey(reads(undefined, 'other'))).toBeUndefined();
    expect(versions.outdatedKey(reads(at(1, 0), 'other'))).toBe('k');
  });

  it('go with a key that is deleted', () => {
    versions.apply(at(1, 0), write());
    versions.apply(at(2, 0), write(true));
    expect(versions.outdatedKey(reads(undefined))).toBeUndefined();
    expect(versions.outdatedKey(reads(at(1, 0)))).toBe('k');
  });

  it('change with metadata of a key that is there, and of no other', () => {
    versions.apply(at(1, 0), access({ metadataWrites: ['k'] }));
    expect(versions.outdatedKey(reads(undefined))).toBeUndefined();
    versions.apply(at(2, 0), write());
    versions.apply(at(3, 0), access({ metadataWrites: ['k'] }));
    expect(versions.outdatedKey(reads(at(3, 0)))).toBeUndefined();
  });
});
