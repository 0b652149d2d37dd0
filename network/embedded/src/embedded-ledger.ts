import { gateway, peer } from '@hyperledger/fabric-protos';
import { DEFAULT_EXECUTE_TIMEOUT_MS, type ContractClass } from './contracts/contract-host';
import { deliverService } from './gateway/deliver-service';
import { MajorityPolicy } from './gateway/endorsement-policy';
import { Endorser } from './gateway/endorser';
import { gatewayService } from './gateway/gateway-service';
import { listen, newServer, stopServer } from './gateway/tls-server';
import { issuePeer, Membership, tlsCaFileOf, type Organisation, type PeerIdentity } from '@eko/msp';
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
  /** The largest message that is accepted; 100 MiB by default, as peers take. */
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

const DEFAULT_MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/**
 * Starts a Fabric gateway peer in this process, with the given contracts as its chaincode: for development and tests,
 * because all organisations' keys are in one process.
 *
 * @throws EkoError `CORRUPT_RECORD` or `INVALID_CONFIG` for what is in the directory, `INVALID_CONFIG` for the address
 */
export async function startEmbeddedLedger(options: EmbeddedLedgerOptions): Promise<EmbeddedLedger> {
  const { channel: channelId, chaincodeName, contracts, organisations } = options;
  const [gatewayOrganisation] = organisations;
  if (gatewayOrganisation === undefined) throw new RangeError('a channel needs an organisation');
  const peers = await issuePeers(organisations);
  const tls = peers.get(gatewayOrganisation.mspId)?.tls;
  if (tls === undefined) throw new RangeError('the gateway needs a TLS certificate');
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

  const server = newServer(options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES);
  let address = '';
  const endorser = new Endorser({
    channelId,
    chaincodeName,
    contracts,
    peers: new Map([...peers].map(([mspId, { signing }]) => [mspId, signing])),
    membership,
    policy,
    ledger,
    address: () => address,
    executeTimeoutMs: options.executeTimeoutMs ?? DEFAULT_EXECUTE_TIMEOUT_MS,
  });
  server.addService(gateway.GatewayService, gatewayService({ channelId, endorser, ledger, membership }));
  server.addService(peer.DeliverService, deliverService({ channelId, ledger, membership }));
  server.addService(VERSION_SERVICE, versionService());
  try {
    address = await listen(server, { host: options.host ?? '127.0.0.1', port: options.port ?? 0, tls });
  } catch (error) {
    await ledger.close();
    throw error;
  }

  return {
    address,
    tlsCaPem: gatewayOrganisation.tlsCa.root.certificatePem,
    tlsCaFile: tlsCaFileOf(gatewayOrganisation),
    version,
    height: () => ledger.height,
    close: async () => {
      await ledger.close();
      await stopServer(server);
    },
  };
}

async function issuePeers(
  organisations: readonly Organisation[],
): Promise<ReadonlyMap<string, PeerIdentity>> {
  const peers = new Map<string, PeerIdentity>();
  for (const organisation of organisations) peers.set(organisation.mspId, await issuePeer(organisation));
  return peers;
}
