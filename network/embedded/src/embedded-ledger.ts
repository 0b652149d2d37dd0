import { gateway, peer } from '@hyperledger/fabric-protos';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { DEFAULT_EXECUTE_TIMEOUT_MS, type ContractClass } from './contracts/contract-host';
import { deliverService } from './gateway/deliver-service';
import { MajorityPolicy } from './gateway/endorsement-policy';
import { Endorser } from './gateway/endorser';
import { gatewayService } from './gateway/gateway-service';
import type { KeyPair } from './identity/certificate-authority';
import { Membership } from './identity/membership';
import { issuePeer, tlsCaFileOf, type Organisation } from './identity/organisation';
import { Ledger } from './ledger/ledger';
import { version, VERSION_SERVICE, versionService } from './gateway/version-service';

/** What an embedded ledger is started with. */
export interface EmbeddedLedgerOptions {
  /** Where the blocks are kept. */
  readonly directory: string;
  readonly channel: string;
  readonly chaincodeName: string;
  readonly contracts: readonly ContractClass[];
  /** The channel's organisations; the first one's peer serves the gateway. */
  readonly organisations: readonly Organisation[];
  /** The address to listen on; the loopback interface by default. */
  readonly host?: string;
  /** The port to listen on; 0 takes a free one. */
  readonly port?: number;
  /** How long a block's first transaction waits for others; 50 by default. */
  readonly blockTimeoutMs?: number;
  /** The most transactions of a block; 500 by default. */
  readonly maxMessageCount?: number;
  /** The largest message that is accepted; 4 MiB by default. */
  readonly maxMessageBytes?: number;
  /** How long a contract may run. */
  readonly executeTimeoutMs?: number;
}

/** A running ledger. */
export interface EmbeddedLedger {
  /** `host:port` of the gateway. */
  readonly address: string;
  /** The root of the gateway's TLS certificate. */
  readonly tlsCaPem: string;
  /** The file that holds it, in the organisation's folder. */
  readonly tlsCaFile: string;
  readonly version: string;
  /** The number of blocks. */
  height(): number;
  /** Commits what waits, ends all calls and closes the files. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 2_000;

/**
 * Starts a Fabric gateway peer in this process, with the given contracts as its chaincode: for development and tests,
 * because all organisations' keys are in one process.
 *
 * @throws EkoError `CORRUPT_RECORD` or `INVALID_CONFIG` for what is in the directory
 */
export async function startEmbeddedLedger(options: EmbeddedLedgerOptions): Promise<EmbeddedLedger> {
  const { channel: channelId, chaincodeName, contracts, organisations } = options;
  const [gatewayOrganisation] = organisations;
  if (gatewayOrganisation === undefined) throw new RangeError('a channel needs an organisation');
  const roots = new Map(organisations.map(({ mspId, ca }) => [mspId, ca.root.certificatePem]));
  const membership = new Membership(channelId, roots);
  const policy = new MajorityPolicy(membership, organisations.length);
  const ledger = await Ledger.open({
    directory: options.directory,
    channelId,
    roots,
    isEndorsed: (transaction) =>
      transaction.chaincodeName === chaincodeName && policy.isSatisfied(transaction),
    maxMessageCount: options.maxMessageCount ?? 500,
    blockTimeoutMs: options.blockTimeoutMs ?? 50,
  });

  const peers = new Map<string, KeyPair>();
  const servers: KeyPair[] = [];
  for (const organisation of organisations) {
    const { signing, tls } = await issuePeer(organisation);
    peers.set(organisation.mspId, signing);
    servers.push(tls);
  }
  const maxMessageBytes = options.maxMessageBytes ?? 4 * 1024 * 1024;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': -1,
  });
  let address = '';
  const endorser = new Endorser({
    channelId,
    chaincodeName,
    contracts,
    peers,
    membership,
    policy,
    ledger,
    address: () => address,
    executeTimeoutMs: options.executeTimeoutMs ?? DEFAULT_EXECUTE_TIMEOUT_MS,
  });
  server.addService(gateway.GatewayService, gatewayService({ channelId, endorser, ledger, membership }));
  server.addService(peer.DeliverService, deliverService({ channelId, ledger, membership }));
  server.addService(VERSION_SERVICE, versionService());
  address = await listen(server, options, servers[0]);

  return {
    address,
    tlsCaPem: gatewayOrganisation.tlsCa.root.certificatePem,
    tlsCaFile: tlsCaFileOf(gatewayOrganisation),
    version,
    height: () => ledger.height,
    close: async () => {
      await ledger.close();
      await stop(server);
    },
  };
}

async function listen(
  server: Server,
  options: EmbeddedLedgerOptions,
  tls: KeyPair | undefined,
): Promise<string> {
  if (tls === undefined) throw new RangeError('the gateway needs a TLS certificate');
  const host = options.host ?? '127.0.0.1';
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) },
  ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${options.port ?? 0}`, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return `${host}:${port}`;
}

/** Lets running calls end, for a moment. */
async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), CLOSE_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
