import { LIMITS } from '@eko/protocol';

/** What one server takes; every figure can be set apart. */
export interface ServerLimits {
  /** Body of a request, where its route says nothing else. */
  readonly bodyBytes: number;
  readonly jsonDepth: number;
  readonly headerBytes: number;
  readonly headers: number;
  readonly pathCharacters: number;
  /** From the connection to the end of the TLS handshake. */
  readonly handshakeMs: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
  /** Without a byte on a connection. */
  readonly idleMs: number;
  /** For a handler to answer. */
  readonly handlerMs: number;
  /** Open connections whose caller is not known yet; the oldest makes room. */
  readonly strangers: number;
  /** Of them, of one address. */
  readonly strangersEach: number;
  /** Open connections of callers that are known. */
  readonly connections: number;
  /** Of them, of one caller. */
  readonly connectionsEach: number;
  /** Requests per second of one caller in the long run. */
  readonly ratePerSecond: number;
  /** Requests that a quiet caller may make at once. */
  readonly rateBurst: number;
}

/** The limits that hold where a server is given no others. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  bodyBytes: 64 * 1024,
  jsonDepth: LIMITS.jsonDepth,
  headerBytes: 16 * 1024,
  headers: 64,
  pathCharacters: 100,
  handshakeMs: 5_000,
  headersMs: 5_000,
  requestMs: 15_000,
  idleMs: 60_000,
  handlerMs: 30_000,
  strangers: 1_024,
  strangersEach: 768,
  connections: 1_024,
  connectionsEach: 32,
  ratePerSecond: 100,
  rateBurst: 400,
};
