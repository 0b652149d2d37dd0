import { Type } from '@eko/protocol/encoding';
import { NodeId } from '@eko/protocol/ledger';

/**
 * The settings that every node has. Order of precedence: default, file, environment (`EKO_…`), flag.
 *
 * | setting | meaning |
 * | --- | --- |
 * | `nodeId` | the node's name in the registry |
 * | `keysDirectory` | made by `eko node init` |
 * | `dataDirectory` | what the node must not lose |
 * | `ledgerProfile` | file that says how to reach Fabric, and as whom |
 * | `host`, `port` | where other nodes call; a party without an endpoint has none |
 * | `operationsHost`, `operationsPort` | `/healthz`, `/readyz`, `/metrics` |
 * | `allowAddresses` | networks to call although they are not public |
 * | `logLevel` | debug, info, warn, error or silent |
 */
export const NODE_SETTINGS = {
  nodeId: NodeId,
  keysDirectory: Type.String({ minLength: 1 }),
  dataDirectory: Type.String({ minLength: 1 }),
  ledgerProfile: Type.String({ minLength: 1 }),
  host: Type.String({ default: '127.0.0.1' }),
  port: Type.Integer({ minimum: 0, maximum: 65535, default: 0 }),
  operationsHost: Type.String({ default: '127.0.0.1' }),
  operationsPort: Type.Integer({ minimum: 0, maximum: 65535, default: 0 }),
  allowAddresses: Type.Array(Type.String(), { default: [] }),
  logLevel: Type.Union(
    [
      Type.Literal('debug'),
      Type.Literal('info'),
      Type.Literal('warn'),
      Type.Literal('error'),
      Type.Literal('silent'),
    ],
    { default: 'info' },
  ),
} as const;

/** The settings of `NODE_SETTINGS`, checked. */
export interface NodeSettings {
  readonly nodeId: string;
  readonly keysDirectory: string;
  readonly dataDirectory: string;
  readonly ledgerProfile: string;
  readonly host: string;
  readonly port: number;
  readonly operationsHost: string;
  readonly operationsPort: number;
  readonly allowAddresses: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
