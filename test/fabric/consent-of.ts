import { consentInput, type AcceptStream, type BundleRecord } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { proveVrf } from '@eko/protocol/crypto';
import { loadNodeKeys } from '@eko/sdk/node';

/** A provider's argument to `AcceptStream`, by the keys of its folder. */
export function consentOf(
  { nodeId, keysDirectory, channel }: { nodeId: string; keysDirectory: string; channel: string },
  { bundleId, requestTxId }: Pick<BundleRecord, 'bundleId' | 'requestTxId'>,
): AcceptStream {
  using keys = loadNodeKeys(keysDirectory, { nodeId, role: 'party' });
  const { vrf } = keys.seeds;
  if (vrf === undefined) throw new RangeError('a party has a vrf key');
  return {
    bundleId,
    proof: encodeBase64Url(proveVrf(vrf, consentInput({ channel, bundleId, requestTxId }))),
  };
}
