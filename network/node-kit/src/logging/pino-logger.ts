import { isEkoError } from '@eko/protocol';
import pino from 'pino';
import type { LogFields, Logger } from './logger';

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Every field of `LogFields` but the error, which has a form of its own. */
const SHOWN = [
  'nodeId',
  'peer',
  'role',
  'bundleId',
  'streamId',
  'epoch',
  'txId',
  'blockNumber',
  'route',
  'method',
  'status',
  'durationMs',
  'count',
  'leftOut',
  'attempt',
  'sizeBytes',
  'receivedBytes',
  'sentBytes',
  'host',
  'port',
  'file',
  'key',
  'signal',
  'state',
  'reason',
] as const satisfies readonly (keyof LogFields)[];

const MAX_TEXT = 200;

/**
 * A node's logger: one JSON line each, of the allowed fields only.
 *
 * @param destination - standard error by default
 */
export function newLogger(
  nodeId: string,
  level: LogLevel,
  destination: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  const lines = pino(
    { level, base: { node: nodeId }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
  const write =
    (method: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}): void => {
      lines[method](publicFields(fields), event);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function publicFields(fields: LogFields): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const name of SHOWN) {
    const value = fields[name];
    if (value !== undefined) shown[name] = typeof value === 'string' ? value.slice(0, MAX_TEXT) : value;
  }
  return fields.error === undefined ? shown : { ...shown, ...errorFields(fields.error) };
}

/** An error's code and details; of a foreign one only its class and system code, for its text may hold anything. */
function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (isEkoError(error)) return { code: error.code, details: error.details };
  if (!(error instanceof Error)) return { code: 'INTERNAL', error: typeof error };
  const systemCode = 'code' in error && typeof error.code === 'string' ? { systemCode: error.code } : {};
  return { code: 'INTERNAL', error: error.name, ...systemCode };
}
