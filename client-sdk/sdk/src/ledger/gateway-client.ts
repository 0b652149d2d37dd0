import { Client, credentials } from '@grpc/grpc-js';
import type { FabricProfile } from './fabric-profile';

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
