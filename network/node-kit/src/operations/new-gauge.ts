import { Gauge, type Registry } from './metric-classes';

/** A gauge without labels that reads its value when it is asked. */
export function newGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
