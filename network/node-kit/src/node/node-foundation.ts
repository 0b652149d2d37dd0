import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EkoError, isEkoError } from '@eko/protocol';
import { TRANSACTIONS, type NodeRecord, type NodeRole } from '@eko/protocol/ledger';
import type { HpkePrimitives, KeyAgreementKey, RecordSigner } from '@eko/protocol/crypto';
import { importX25519Key, newEd25519Signer, nodeHpkePrimitives } from '@eko/protocol/node';
import { connectGatewayLedger, readFabricProfile, type Ledger } from '@eko/sdk';
import { EndpointPolicy, NodeClient, NodeDirectory, loadNodeKeys, pause, type NodeKeys } from '@eko/sdk/node';
import type { Logger } from '../logging/logger';
import { pacedLogger } from '../logging/paced-logger';
import { newLogger } from '../logging/pino-logger';
import type { KeyValueStore } from '../store/key-value-store';
import { openLevelStore } from '../store/level-store';
import type { NodeSettings } from './node-settings';
import type { StartingNode } from './start-node';

/** What every node stands on: its keys, its store, the ledger, the other nodes. */
export interface NodeFoundation extends StartingNode {
  readonly nodeId: string;
  readonly record: NodeRecord;
  readonly keys: NodeKeys;
  readonly kem: KeyAgreementKey;
  readonly sign: RecordSigner;
  readonly primitives: HpkePrimitives;
  readonly ledger: Ledger;
  readonly directory: NodeDirectory;
  readonly client: NodeClient;
  readonly endpoints: EndpointPolicy;
  readonly store: KeyValueStore;
  readonly logger: Logger;
}

/** How long a node waits for its registration. */
const REGISTRATION_WAIT_MS = 60_000;
const REGISTRATION_RETRY_MS = 500;

/**
 * Opens a node's keys and store, connects to the ledger, and waits until the node is registered there and, where
 * its role needs that, approved. A retired
 * orchestrator or witness starts too: streams may still need what it holds, and the ledger its word that it is destroyed.
 * What is opened here is closed as the last of the node.
 *
 * @throws EkoError `INVALID_CONFIG` for keys, profile or store that do not fit, for a retired party and a rejected node;
 *   `NOT_FOUND` when the node is not registered in time, `BAD_STATE` when it is not approved; as `Ledger.evaluate`
 */
export async function openNodeFoundation(
  settings: NodeSettings,
  role: NodeRole,
  node: StartingNode,
): Promise<NodeFoundation> {
  const { nodeId } = settings;
  const { clocks, signal, onStop } = node;
  const logger = pacedLogger(newLogger(nodeId, settings.logLevel), clocks.monotonicMs);
  const keys = loadNodeKeys(settings.keysDirectory, { nodeId, role });
  onStop(() => keys.dispose());
  const profile = await readFabricProfile(settings.ledgerProfile);
  await mkdir(settings.dataDirectory, { recursive: true, mode: 0o700 });
  await chmod(settings.dataDirectory, 0o700);
  const store = await openLevelStore(join(settings.dataDirectory, 'store'));
  onStop(() => store.close());
  const ledger = connectGatewayLedger({ profile });
  onStop(() => ledger.close());
  const endpoints = new EndpointPolicy({ allowAddresses: settings.allowAddresses });
  const client = new NodeClient({ tls: keys.tls, endpoints });
  onStop(() => client.close());
  const record = await registration({ ledger, nodeId, role, clocks, logger, signal });
  if (record.status === 'retired') logger.warn(RETIRED_NOTICE);
  const directory = await NodeDirectory.load(ledger, { signal }, (other) => other.nodeId === nodeId);
  return {
    ...node,
    nodeId,
    record,
    keys,
    kem: importX25519Key(keys.kemPrivateKey),
    sign: newEd25519Signer(keys.seeds.sign),
    primitives: nodeHpkePrimitives,
    ledger,
    directory,
    client,
    endpoints,
    store,
    logger,
  };
}

async function registration({
  ledger,
  nodeId,
  role,
  clocks,
  logger,
  signal,
}: Pick<NodeFoundation, 'ledger' | 'nodeId' | 'clocks' | 'logger' | 'signal'> & {
  readonly role: NodeRole;
}): Promise<NodeRecord> {
  const endsAtMs = clocks.monotonicMs() + REGISTRATION_WAIT_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const record = await ledger.evaluate(TRANSACTIONS.readNode, { nodeId }, { signal });
      if (record.role !== role)
        throw new EkoError('INVALID_CONFIG', `${nodeId} is registered as ${record.role}, not as ${role}`);
      if (record.role === 'party' && record.status === 'retired') throw retiredParty(nodeId);
      if (record.status === 'rejected') throw rejectedNode(record);
      if (record.status === 'pending') throw pendingNode(record);
      return record;
    } catch (error) {
      signal.throwIfAborted();
      const mayChange = isEkoError(
        error,
        'NOT_FOUND',
        'BAD_STATE',
        'LEDGER_UNAVAILABLE',
        'DEADLINE_EXCEEDED',
      );
      if (!mayChange || clocks.monotonicMs() > endsAtMs) throw error;
      if (attempt === 1)
        logger.warn(
          'waiting for registration: run eko node register, and eko node approve as an administrator',
          { error },
        );
      await pause(REGISTRATION_RETRY_MS, signal);
    }
  }
}

function pendingNode({ nodeId, mspId }: NodeRecord): EkoError {
  return new EkoError(
    'BAD_STATE',
    `${nodeId} waits for an administrator of ${mspId}: eko node approve ${nodeId}`,
    { details: { nodeId, mspId } },
  );
}

function rejectedNode({ nodeId, mspId }: NodeRecord): EkoError {
  return new EkoError(
    'INVALID_CONFIG',
    `${nodeId} was turned away by ${mspId}; register another node, with a name, keys and an identity of its own`,
    { details: { nodeId, mspId } },
  );
}

/** It could ask nobody for shares, so nothing is left for it to do. */
function retiredParty(nodeId: string): EkoError {
  return new EkoError(
    'INVALID_CONFIG',
    `${nodeId} is retired; register another party, with a name, keys and an identity of its own`,
    { details: { nodeId } },
  );
}

/** What a node's log says when it finds itself retired, at its start or while it runs. */
export const RETIRED_NOTICE =
  'this node is retired: it takes no new part and serves what it holds until those streams have ended; then stop it';
