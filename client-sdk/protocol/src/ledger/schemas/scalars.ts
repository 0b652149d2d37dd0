import { distinctArray } from './distinct-array';
import { Type } from '@sinclair/typebox';
import { LIMITS } from '../../limits';

/** `nodeId`: unique on a channel, lower case, a DNS-like label. */
export const NodeId = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,62}$' });

/** A UUID in lower case, chosen by the client. */
export const BundleId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});

/** A stream's place in its bundle, from 0. */
export const StreamIndex = Type.Integer({ minimum: 0, maximum: LIMITS.requestsPerBundle - 1 });

/** `bundleId/index`. */
export const StreamId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/(0|[1-9][0-9]{0,2})$',
});

/** Which streams of a bundle: all of them, or some by index. */
export const StreamSelection = Type.Union([
  Type.Literal('all'),
  distinctArray(StreamIndex, { minItems: 1, maxItems: LIMITS.requestsPerBundle }),
]);

/** A Fabric transaction ID: 64 lower-case hex digits. */
export const TransactionId = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** A Fabric MSP ID. */
export const MspId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' });

/** Who ended a stream: a node, or `admin:` and the MSP whose administrator did. */
export const EndAuthor = Type.String({
  pattern: '^([a-z0-9][a-z0-9.-]{0,62}|admin:[A-Za-z0-9][A-Za-z0-9._-]{0,63})$',
});

/** 16 random bytes, base64url: names one attempt of a dealer. */
export const DealingId = Type.String({ pattern: '^[A-Za-z0-9_-]{21}[AQgw]$' });

/** 32 bytes (a hash, a public key), base64url without padding. */
export const Bytes32 = Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$' });

/** 64 bytes (an Ed25519 signature), base64url without padding. */
export const Bytes64 = Type.String({ pattern: '^[A-Za-z0-9_-]{85}[AQgw]$' });

/** 80 bytes (an ECVRF proof), base64url without padding. */
export const Bytes80 = Type.String({ pattern: '^[A-Za-z0-9_-]{106}[AEIMQUYcgkosw048]$' });

/** Any bytes, base64url without padding; the decoder checks that the form is canonical. */
export const Base64Url = (maxBytes: number) =>
  Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: Math.ceil((maxBytes * 4) / 3) });

/** Milliseconds since 1970, as a safe integer. */
export const UnixMs = Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 });

/** Epoch of a stream's key, from 1. */
export const Epoch = Type.Integer({ minimum: 1, maximum: 1_000_000 });

/** Counts the assignments of a bundle, from 0; every act of an orchestrator repeats it. */
export const Fence = Type.Integer({ minimum: 0, maximum: LIMITS.fences - 1 });

/** A short public name: data type, permission, zone, tag. */
export const ShortText = Type.String({
  pattern: `^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,${LIMITS.textCharacters - 1}}$`,
});

/** The directions of data that a stream can permit, as the initiator sees them. */
export const PERMISSIONS = { read: 'read', write: 'write' } as const;

/** First part of a permission that only the application knows. */
export const APPLICATION_PERMISSION_PREFIX = 'app:';

/**
 * What a stream permits: that bytes go from the provider to the initiator (`read`) or the other way (`write`), which both
 * ends enforce; or a word of the application's own behind `app:`, which the application enforces.
 */
export const Permission = Type.String({
  pattern: `^(?:${PERMISSIONS.read}|${PERMISSIONS.write}|${APPLICATION_PERMISSION_PREFIX}[A-Za-z0-9][A-Za-z0-9._:/-]{0,${LIMITS.textCharacters - APPLICATION_PERMISSION_PREFIX.length - 1}})$`,
});

/** A sentence for people, printable ASCII. */
export const Note = Type.String({ pattern: `^[ -~]{0,${LIMITS.noteCharacters}}$` });

/** `https://host:port`, checked further by `parseEndpoint`. */
export const Endpoint = Type.String({
  pattern: '^https://[A-Za-z0-9.\\[\\]:-]{1,180}$',
  maxLength: LIMITS.endpointCharacters,
});

/** `host:port` of a provider's secure stream listener. */
export const StreamAddress = Type.String({ pattern: '^[A-Za-z0-9.-]{1,180}:[1-9][0-9]{0,4}$' });

/** Schema of an object without unknown fields. */
export const strictObject = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
