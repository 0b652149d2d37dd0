import type { Shim } from 'fabric-shim';

type ShimLogger = ReturnType<typeof Shim.newLogger>;

/**
 * Makes the shim's loggers drop at once what their level does not let through. Winston puts the time, colours and the
 * text of every line together and asks only then whether anybody wants it; the shim has lines for each message between
 * it and a peer, which took a sixth of the processor time of a chaincode whose level is `error`.
 *
 * @param logger - any of the shim's: it holds for all of them
 */
export function dropUnwantedLines(logger: ShimLogger): void {
  const prototype = ownerOf(logger, 'isLevelEnabled');
  const write: unknown = Reflect.get(logger, 'write');
  // Another logger than winston's may come with another shim: it stays as it is.
  if (prototype === undefined || typeof write !== 'function') return;
  Object.defineProperty(prototype, 'write', {
    configurable: true,
    writable: true,
    value(this: Pick<ShimLogger, 'isLevelEnabled'>, ...line: readonly [unknown, ...unknown[]]): unknown {
      const level = levelOf(line[0]);
      return level !== undefined && !this.isLevelEnabled(level) ? true : Reflect.apply(write, this, line);
    },
  });
}

/** The prototype that has a method, so that what is put beside it holds for every logger. */
function ownerOf(logger: object, method: string): object | undefined {
  let prototype: object | null = Reflect.getPrototypeOf(logger);
  while (prototype !== null && !Object.hasOwn(prototype, method))
    prototype = Reflect.getPrototypeOf(prototype);
  return prototype ?? undefined;
}

function levelOf(info: unknown): string | undefined {
  if (typeof info !== 'object' || info === null) return undefined;
  const level: unknown = Reflect.get(info, 'level');
  return typeof level === 'string' ? level : undefined;
}
