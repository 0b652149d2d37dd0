import { parseWith, type Static, type TSchema } from '@eko/protocol/encoding';
import { type NodeRole } from '@eko/protocol/ledger';
import { decodeMessage, mediaTypeOf } from '@eko/protocol/rest';

/** The node at the other end of a connection, as the registry knows it. */
export interface Peer {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly mspId: string;
}

/** Who owns a certificate; the SDK's `NodeDirectory` is one. */
export interface PeerDirectory {
  /** @param fingerprint - from `certificateFingerprint` of the SDK */
  byCertificate(fingerprint: string): Peer | undefined;
}

/** A route of a node's server. Its handler knows nothing of HTTP. */
export interface PeerRouteOptions<Body extends TSchema> {
  /** One of `NODE_ROUTES`. */
  readonly path: string;
  readonly body: Body;
  /** Largest body; 64 KiB if it is not said. */
  readonly bodyBytes?: number;
  /** Which roles may call; all if it is not said. */
  readonly roles?: readonly NodeRole[];
  /** Answers with what `encodeMessage` takes; `signal` aborts when the caller is gone or the time is over. */
  readonly handle: (peer: Peer, body: Static<Body>, signal: AbortSignal) => Promise<unknown>;
}

/** A route as the server holds it: its body is still untrusted. */
export interface PeerRoute extends Omit<PeerRouteOptions<TSchema>, 'body' | 'handle'> {
  readonly method: 'POST';
  /** In which its body comes. */
  readonly mediaType: string;
  /** Reads the body as far as it can be read without the schema. */
  readonly decode: (body: Uint8Array, maxDepth: number) => unknown;
  readonly handle: (peer: Peer, body: unknown, signal: AbortSignal) => Promise<unknown>;
}

/** Makes a route whose handler gets its body checked and typed. */
export function peerRoute<Body extends TSchema>(options: PeerRouteOptions<Body>): PeerRoute {
  const { body: schema, handle, ...rest } = options;
  return {
    ...rest,
    method: 'POST',
    mediaType: mediaTypeOf(schema),
    decode: (body, maxDepth) => decodeMessage(schema, body, maxDepth),
    handle: async (peer, body, signal) => handle(peer, parseWith(schema, body, 'the request body'), signal),
  };
}
