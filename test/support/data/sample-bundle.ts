import { EkoError } from '@eko/protocol';
import { type BundleRecord, type Selection } from '@eko/protocol/ledger';
import { type KeyAgreementKey } from '@eko/protocol/crypto';
import { newX25519Key } from '../../../client-sdk/protocol/src/node/x25519-key';
import { bundleRecord, hash } from './ledger-facts';

/** A bundle of a few streams with its draw and its holders' keys, for tests of dealing. */
export interface SampleBundle {
  readonly bundle: BundleRecord;
  readonly selection: Selection;
  readonly keys: ReadonlyMap<string, KeyAgreementKey>;
  readonly holderKey: (holder: string) => Uint8Array;
}

/** Three of four witnesses were drawn, in no order of theirs, with quorum two. */
export function newSampleBundle(
  change: { readonly streams?: number; readonly witnessesCanVerify?: boolean } = {},
): SampleBundle {
  const { streams = 3, witnessesCanVerify = false } = change;
  const witnesses = ['witness-a', 'witness-b', 'witness-c', 'witness-d'];
  const bundle = bundleRecord({
    requests: Array.from({ length: streams }, () => ({ dataType: 'file', permissions: ['read'] })),
    policy: {
      ...bundleRecord().policy,
      witnesses: { count: 3, quorum: 2, witnessesCanVerify, maxPerOrg: 16 },
    },
  });
  const selection: Selection = { seed: hash('s'), witnesses: ['witness-d', 'witness-a', 'witness-c'] };
  const keys = new Map(
    [bundle.initiator, bundle.policy.provider, ...witnesses].map((nodeId) => [nodeId, newX25519Key()]),
  );
  const holderKey = (holder: string): Uint8Array => {
    const key = keys.get(holder);
    if (key === undefined) throw new EkoError('NOT_FOUND', `no key of ${holder}`);
    return key.publicKey;
  };
  return { bundle, selection, keys, holderKey };
}
