import { createNodeServer } from '@eko/node-kit';
import { type NodeServer } from '../../../network/node-kit/src/http/bounded-server';
import { type NodeServerOptions } from '../../../network/node-kit/src/http/node-server';
import { type Peer } from '../../../network/node-kit/src/http/peer-route';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { type NodeRecord, type NodeRole } from '@eko/protocol/ledger';
import {
  EndpointPolicy,
  NodeClient,
  certificateFingerprint,
  type NodeClientOptions,
  type TlsIdentity,
} from '@eko/sdk/node';
import { newTlsIdentity } from '../../../client-sdk/sdk/src/keys/new-tls-identity';
import { nodeRecord } from '../data/ledger-facts';
import { RecordingLogger } from '../simulated/recording-logger';

/** The record that a registry would hold of a node, as far as a connection needs it. */
export function nodeRecordOf(
  nodeId: string,
  certificateDer: Uint8Array,
  port: number,
  role: NodeRole = 'witness',
): NodeRecord {
  const keys = { tls: encodeBase64Url(certificateDer), kem: new Uint8Array(32) };
  return nodeRecord(nodeId, role, keys, { endpoint: `https://127.0.0.1:${port}` });
}

/** The peers that a test's registry knows. */
export class FakeDirectory {
  readonly #peers = new Map<string, Peer>();

  add(nodeId: string, identity: TlsIdentity, role: NodeRole = 'party'): void {
    this.#peers.set(certificateFingerprint(identity.certificateDer), { nodeId, role, mspId: 'Org1MSP' });
  }

  remove(identity: TlsIdentity): void {
    this.#peers.delete(certificateFingerprint(identity.certificateDer));
  }

  byCertificate(fingerprint: string): Peer | undefined {
    return this.#peers.get(fingerprint);
  }
}

/** A node's server and a client that it knows, on one machine. */
export interface NodePair {
  readonly server: NodeServer;
  readonly port: number;
  readonly serverTls: TlsIdentity;
  readonly clientTls: TlsIdentity;
  readonly directory: FakeDirectory;
  readonly record: NodeRecord;
  readonly logger: RecordingLogger;
  readonly client: NodeClient;
  readonly newClient: (options?: Partial<NodeClientOptions>) => NodeClient;
  readonly close: () => Promise<void>;
}

/** Starts a server `server-1` that knows the party `client-1`. */
export async function startNodePair(
  options: Pick<NodeServerOptions, 'routes'> & Partial<NodeServerOptions>,
): Promise<NodePair> {
  const [serverTls, clientTls] = await Promise.all([newTlsIdentity('server-1'), newTlsIdentity('client-1')]);
  const directory = new FakeDirectory();
  directory.add('client-1', clientTls);
  const logger = new RecordingLogger();
  const server = createNodeServer({ tls: serverTls, peers: directory, logger, ...options });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const clients: NodeClient[] = [];
  const newClient = (overrides: Partial<NodeClientOptions> = {}): NodeClient => {
    const made = new NodeClient({
      tls: clientTls,
      endpoints: new EndpointPolicy({ allowAddresses: ['127.0.0.0/8'] }),
      ...overrides,
    });
    clients.push(made);
    return made;
  };
  return {
    server,
    port,
    serverTls,
    clientTls,
    directory,
    record: nodeRecordOf('server-1', serverTls.certificateDer, port),
    logger,
    client: newClient(),
    newClient,
    close: async () => {
      for (const client of clients) client.close();
      await server.close({ drainMs: 1_000 });
    },
  };
}
