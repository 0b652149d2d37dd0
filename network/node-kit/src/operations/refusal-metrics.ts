import type { OnRefused, Refusal } from '../http/refusal';
import type { Logger } from '../logging/logger';
import type { Metrics } from './metric-classes';
import { newCounter } from './new-counter';

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
