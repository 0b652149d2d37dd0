import { Client, credentials } from '@grpc/grpc-js';
import type { FabricProfile } from './fabric-profile';
import { connect, type Gateway, hash } from '@hyperledger/fabric-gateway';
import { newNativeSigner } from './native-signer';

/** Largest message taken from a peer; the default of 4 MiB is below what a block of bundles can bring. */
const RECEIVE_BYTES = 16 * 1024 * 1024;

/** How often an idle connection is probed. A peer refuses clients that do so below its `keepalive.minInterval` (60 s). */
export const KEEPALIVE_MS = 120_000;

/**
 * Opens the one gRPC connection of a ledger adapter: TLS to the profile's authority, kept alive through idle proxies,
 * and back within seconds after a peer restart (the library's own limit is two minutes).
 */
export function newGatewayClient(
  profile: Pick<FabricProfile, 'endpoint' | 'hostAlias' | 'tlsCaPem'>,
): Client {
  return new Client(profile.endpoint, credentials.createSsl(Buffer.from(profile.tlsCaPem)), {
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.max_receive_message_length': RECEIVE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5_000,
    ...(profile.hostAlias === undefined ? {} : { 'grpc.ssl_target_name_override': profile.hostAlias }),
  });
}

/**
 * Speaks to the gateway as a profile's identity, over a given connection or one of its own. The caller closes both.
 * Nothing that an application imports may name what this returns: the declarations of fabric-gateway need those of
 * google-protobuf, which no package brings along.
 *
 * @throws EkoError `INVALID_CONFIG` for a key that cannot sign
 */
export function openGateway(
  profile: FabricProfile,
  given?: Client,
): { readonly gateway: Gateway; readonly client: Client } {
  const { mspId, certificatePem, privateKeyPem } = profile;
  const signer = newNativeSigner(privateKeyPem);
  const client = given ?? newGatewayClient(profile);
  const identity = { mspId, credentials: Buffer.from(certificatePem) };
  return { client, gateway: connect({ client, identity, signer, hash: hash.none }) };
}
