import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunningNode } from '@eko/node-kit';
import { startParty, type PartySettings } from '@eko/party';
import { nodeHost } from './node-host';
import { LiveNetwork } from './live-network';
import { streamPolicy, streamsOf } from '../data/stream-request';
import { DescribedApi } from './described-api';

/** The label under which these parties' applications may have keys. */
export const ALLOWED_LABEL = 'archive';

/** A running party: its REST API, and how to stop it. */
export interface LivePartyNode {
  readonly api: DescribedApi;
  readonly tokenFile: string;
  readonly ready: RunningNode['ready'];
  readonly stop: () => Promise<void>;
}

/** Starts a party of a live network in this process, as its own program would. */
export async function startLiveParty(
  network: LiveNetwork,
  nodeId: string,
  change: Partial<PartySettings> = {},
): Promise<LivePartyNode> {
  const { keysDirectory, ledgerProfile, dataDirectory, port } = network.placesOf(nodeId);
  const token = randomBytes(32).toString('base64url');
  const tokenFile = join(dirname(dataDirectory), 'api.token');
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const settings: PartySettings = {
    nodeId,
    keysDirectory,
    ledgerProfile,
    dataDirectory,
    host: '127.0.0.1',
    port: 0,
    operationsHost: '127.0.0.1',
    operationsPort: 0,
    allowAddresses: ['127.0.0.0/8'],
    logLevel: 'silent',
    tokenFile,
    allowRemote: false,
    streamHost: '127.0.0.1',
    ...(nodeId === 'provider' ? { streamPort: port } : {}),
    exportLabels: [ALLOWED_LABEL],
    transferIdleMs: 600_000,
    ...change,
  };
  const node = await startParty(settings, nodeHost());
  const api = await DescribedApi.open(String(node.ready['address']), token);
  return { api, tokenFile, ready: node.ready, stop: () => node.stop() };
}

/** An initiator and a provider with a network of their own. */
export interface LiveParties {
  readonly network: LiveNetwork;
  readonly initiator: LivePartyNode;
  readonly provider: LivePartyNode;
}

/** Starts a small network and both parties; `change` is the initiator's. */
export async function startLiveParties(change: Partial<PartySettings> = {}): Promise<LiveParties> {
  const network = await LiveNetwork.start({ orchestrators: 2, witnesses: 4 });
  const [initiator, provider] = await Promise.all([
    startLiveParty(network, 'initiator', change),
    startLiveParty(network, 'provider'),
  ]);
  return { network, initiator, provider };
}

/** Stops both parties, and then their network. */
export async function stopLiveParties({ network, initiator, provider }: LiveParties): Promise<void> {
  await Promise.all([initiator.stop(), provider.stop()]);
  await network.stop();
}

/** The policy and requests of a bundle that the live network can serve. */
export function liveRequest(change: { dataType?: string; streams?: number; bundleId?: string } = {}) {
  return {
    ...(change.bundleId === undefined ? {} : { bundleId: change.bundleId }),
    policy: streamPolicy(),
    requests: streamsOf(change.dataType ?? 'telemetry', change.streams),
  };
}
