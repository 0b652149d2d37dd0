import { randomBytes } from 'node:crypto';
import { LIMITS, SecretBytes } from '@eko/protocol';
import type { StreamCredentials } from '@eko/sdk/node';

/** A stream ID that no other call gives. */
export const newStreamId = (): string => `${crypto.randomUUID()}/0`;

/** A PSK identity that no other call gives. */
export const newIdentity = (direction: 'i2p' | 'p2i' = 'i2p', epoch = 1): string =>
  `ek1.${randomBytes(17).toString('base64url').slice(0, 22)}.${epoch}.${direction}`;

/** Raw keys of a stream that a test can make any number of credentials of. */
export interface StreamKeys {
  readonly streamId: string;
  readonly identity: string;
  readonly psk: Buffer;
  readonly confirmKey: Buffer;
}

export const newStreamKeys = (): StreamKeys => ({
  streamId: newStreamId(),
  identity: newIdentity(),
  psk: randomBytes(32),
  confirmKey: randomBytes(32),
});

/** Fresh credentials over copies of the keys; `change` replaces parts. */
export const credentialsOf = (
  keys: StreamKeys,
  change: Partial<Omit<StreamCredentials, 'psk' | 'confirmKey'>> & { psk?: Buffer; confirmKey?: Buffer } = {},
): StreamCredentials => ({
  streamId: change.streamId ?? keys.streamId,
  epoch: change.epoch ?? 1,
  identity: change.identity ?? keys.identity,
  psk: new SecretBytes('tls psk', Uint8Array.from(change.psk ?? keys.psk)),
  confirmKey: new SecretBytes('stream confirm key', Uint8Array.from(change.confirmKey ?? keys.confirmKey)),
  notAfterUnixMs: change.notAfterUnixMs ?? Date.now() + 3_600_000,
  directions: change.directions ?? { toInitiator: true, toProvider: true },
  maxConnections: change.maxConnections ?? LIMITS.connectionsPerStream,
});
