import { Counter, type Registry } from './metric-classes';

/** A counter of a registry; one with labels counts for each of their values. */
export function newCounter<Label extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}
