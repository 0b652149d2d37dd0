import { Histogram, type Metrics, newCounter } from './metrics';
import type { RequestFacts } from '../http/bounded-server';
import type { OnRefused, Refusal } from '../http/connection-gate';
import type { Logger } from '../logging/logger';

/** From answers of a node beside us to those that wait for a quorum. */
const BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30];

/**
 * Counts and times a server's answers by route pattern, method and status: labels from the route table only, so that no
 * caller can make more of them.
 */
export function newRequestMetrics(metrics: Metrics): (facts: RequestFacts) => void {
  const seconds = new Histogram({
    name: 'eko_http_request_seconds',
    help: 'Time from the headers of a request to the end of its answer',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: BUCKETS_SECONDS,
    registers: [metrics],
  });
  const refused = newCounter(
    metrics,
    'eko_refused_calls_total',
    'Calls that were refused or failed, by the code of their error',
    ['code'],
  );
  return ({ route, method, status, durationSeconds, code }) => {
    if (code !== undefined) refused.inc({ code });
    seconds.observe({ route, method: route === 'unrouted' ? 'any' : method, status }, durationSeconds);
  };
}

/** What is logged of each refusal: constant texts, so that a flood has a few lines of the log and no more. */
const LOGGED: Readonly<Record<Refusal, string>> = {
  crowded: 'connection made room for a newer one',
  handshake: 'connection ended before its caller was known',
  certificate: 'connection without a registered certificate',
  token: 'call without a token',
  rate: 'call too soon after others',
};

/** A port of a node. */
export type NodePort = 'nodes' | 'api' | 'streams' | 'operations';

/** Counts and logs who was turned away at a node's ports, by port and reason. */
export function newRefusalMetrics(metrics: Metrics, logger: Logger): (port: NodePort) => OnRefused {
  const refused = newCounter(
    metrics,
    'eko_refused_connections_total',
    'Connections and calls of strangers that were turned away, by port and reason',
    ['port', 'reason'],
  );
  return (port) => (reason, host) => {
    refused.inc({ port, reason });
    // Whatever only looks whether the port is open ends so too.
    const level = reason === 'handshake' ? 'info' : 'warn';
    logger[level](LOGGED[reason], { host, reason, route: port });
  };
}
