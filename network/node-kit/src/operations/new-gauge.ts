import { Gauge, type Metrics } from './metric-classes';

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
