import { Counter, type Metrics } from './metric-classes';

/** A counter among the metrics of a node; one with labels counts for each of their values. */
export function newCounter<Label extends string = never>(
  metrics: Metrics,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [metrics] });
}
