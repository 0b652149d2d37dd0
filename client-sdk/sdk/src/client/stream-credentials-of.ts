import { POLICY_DEFAULTS, formatStreamId, type SecretBytes } from '@eko/protocol';
import { deriveConfirmKey, deriveStreamPsk, pskIdentity } from '@eko/protocol/crypto';
import { streamDirectionsOf, type BundleRecord } from '@eko/protocol/ledger';
import type { StreamCredentials } from '../streams/stream-credentials';

/** Derives what a connection of a stream needs: the initiator calls, so that the direction is always the same. */
export function streamCredentialsOf(
  channel: string,
  bundle: BundleRecord,
  index: number,
  epoch: number,
  epochKey: SecretBytes<'epoch key'>,
): StreamCredentials {
  const streamId = formatStreamId({ bundleId: bundle.bundleId, index });
  const identity = pskIdentity({ channel, streamId, epoch, direction: 'i2p' });
  return {
    streamId,
    epoch,
    identity,
    psk: deriveStreamPsk(epochKey, { identity }),
    confirmKey: deriveConfirmKey(epochKey, { identity }),
    notAfterUnixMs: bundle.notAfterUnixMs,
    directions: streamDirectionsOf(bundle.requests[index]?.permissions ?? []),
    maxConnections: bundle.policy.maxConnections ?? POLICY_DEFAULTS.maxConnections,
  };
}
