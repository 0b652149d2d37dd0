import type { IncomingMessage } from 'node:http';
import { EkoError } from '@eko/protocol';
import type { BearerTokens } from './bearer-tokens';
import { ConnectionGate, type OnRefused, type Refusal } from './connection-gate';
import type { ServerLimits } from './server-limits';
import { TokenBuckets } from './token-buckets';

/** What decides who may call a local API. */
export interface LocalAdmission {
  readonly routes: readonly {
    readonly path: string;
    readonly isPublic?: boolean;
    readonly isUrgent?: boolean;
  }[];
  readonly tokens: BearerTokens;
  readonly limits: ServerLimits;
  readonly gate: ConnectionGate;
  readonly onRefused?: OnRefused;
  /** Monotonic milliseconds; the process's own by default. */
  readonly nowMs?: () => number;
}

/** How often all callers without a token may call together. */
const STRANGERS = { ratePerSecond: 20, rateBurst: 100 };
const CROWDED_RETRY_MS = 1_000;

/**
 * On one host everybody has the same address: there are no shares of one. Calls of known callers are answered or refused
 * one by one, and no connection of theirs makes room for another: it may carry a stream.
 */
export function newLocalGate(limits: ServerLimits, onRefused: OnRefused = () => undefined): ConnectionGate {
  const shares = { strangersEach: limits.strangers, connections: Infinity, connectionsEach: Infinity };
  return new ConnectionGate({ ...limits, ...shares }, (refusal, remoteAddress) => {
    // Whoever closes a connection without a call was not refused anything.
    if (refusal !== 'handshake') onRefused(refusal, remoteAddress);
  });
}

/**
 * Who may call: first of all it is asked for the token. Calls without one have a bucket of their own, so that they take
 * nothing from those with one; what is urgent is outside every bucket.
 */
export function newLocalAdmission(
  options: LocalAdmission,
): (request: IncomingMessage, route: string | undefined) => void {
  const {
    routes,
    tokens,
    limits,
    gate,
    onRefused = () => undefined,
    nowMs = () => performance.now(),
  } = options;
  const pathsOf = (
    isOne: (route: LocalAdmission['routes'][number]) => boolean | undefined,
  ): ReadonlySet<string> => new Set(routes.filter(isOne).map((route) => route.path));
  const open = pathsOf((route) => route.isPublic);
  const urgent = pathsOf((route) => route.isUrgent);
  const callers = new TokenBuckets(limits, nowMs);
  const strangers = new TokenBuckets(STRANGERS, nowMs);
  return (request, route) => {
    const { socket } = request;
    const refuse = (refusal: Refusal, error: EkoError): never => {
      onRefused(refusal, socket.remoteAddress ?? '');
      throw error;
    };
    const caller = tokens.callerOf(request);
    if (caller === undefined) {
      const retryAfterMs = strangers.take('all');
      if (retryAfterMs > 0) refuse('rate', tooMany(retryAfterMs));
      if (!open.has(request.url ?? '')) refuse('token', unauthenticated());
      return;
    }
    if (!urgent.has(route ?? '')) {
      const retryAfterMs = callers.take(caller);
      if (retryAfterMs > 0) refuse('rate', tooMany(retryAfterMs));
      if (gate.connections.known >= limits.connections && !gate.isKnown(socket))
        refuse('rate', tooMany(CROWDED_RETRY_MS));
    }
    gate.recognise(socket, caller);
  };
}

const tooMany = (retryAfterMs: number): EkoError =>
  new EkoError('RATE_LIMITED', 'Too many requests; wait a moment', { details: { retryAfterMs } });

const unauthenticated = (): EkoError =>
  new EkoError('UNAUTHENTICATED', 'Show a token of this API: authorization: Bearer …');
