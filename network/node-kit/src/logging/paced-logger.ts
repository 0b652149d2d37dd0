import { TokenBuckets } from '../http/token-buckets';
import type { LogFields, Logger } from './logger';

/** Lines of one event that are written at once, and per second in the long run. */
const PACE = { rateBurst: 50, ratePerSecond: 2 };

/**
 * Bounds how often each event is logged, so that whoever can make one happen cannot fill the disk nor hide the others:
 * the next line of the event that is written says how many were left out. Events are constant texts, hence few.
 *
 * @param nowMs - monotonic milliseconds
 */
export function pacedLogger(logger: Logger, nowMs: () => number): Logger {
  const buckets = new TokenBuckets(PACE, nowMs);
  const leftOut = new Map<string, number>();
  const paced =
    (level: keyof Logger) =>
    (event: string, fields?: LogFields): void => {
      const before = leftOut.get(event) ?? 0;
      if (buckets.take(event) > 0) {
        leftOut.set(event, before + 1);
        return;
      }
      leftOut.delete(event);
      if (before === 0) logger[level](event, fields);
      else logger[level](event, { ...fields, leftOut: before });
    };
  return { debug: paced('debug'), info: paced('info'), warn: paced('warn'), error: paced('error') };
}
