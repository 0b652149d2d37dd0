import type * as prom from 'prom-client';
import CounterClass from 'prom-client/lib/counter';
import GaugeClass from 'prom-client/lib/gauge';
import HistogramClass from 'prom-client/lib/histogram';
import RegistryClass from 'prom-client/lib/registry';

// By file: the package's index also loads a push gateway, cluster support, summaries and the metrics of the process with
// OpenTelemetry, 80 files that no node uses and every node would pay for when it starts.

/** Counts what happened, by label. */
export const Counter: typeof prom.Counter = CounterClass;
/** The type of a `Counter` with these labels. */
export type Counter<Label extends string = string> = prom.Counter<Label>;

/** A value that goes up and down. */
export const Gauge: typeof prom.Gauge = GaugeClass;
/** The type of a `Gauge` with these labels. */
export type Gauge<Label extends string = string> = prom.Gauge<Label>;

/** Counts values by size. */
export const Histogram: typeof prom.Histogram = HistogramClass;

/** The metrics of one node. */
export const Metrics: typeof prom.Registry = RegistryClass;
/** The type of `Metrics`. */
export type Metrics = prom.Registry;

/** A counter among the metrics of a node; one with labels counts for each of their values. */
export function newCounter<Label extends string = never>(
  metrics: Metrics,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [metrics] });
}

/** A gauge without labels that reads its value when it is asked. */
export function newGauge(metrics: Metrics, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [metrics],
    collect() {
      this.set(read());
    },
  });
}
