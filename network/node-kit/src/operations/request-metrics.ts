import { Histogram, type Metrics } from './metric-classes';
import { newCounter } from './new-counter';
import type { RequestFacts } from '../http/strict-server';

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
