import { createPrivateKey } from 'node:crypto';
import { credentials, Client, status } from '@grpc/grpc-js';
import {
  connect,
  GatewayError,
  hash,
  signers,
  type Contract,
  type Gateway,
  type Network,
} from '@hyperledger/fabric-gateway';

/** An identity as the ledger issues it. */
export interface TestIdentity {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Where to connect to. */
export interface TestLedger {
  readonly address: string;
  readonly tlsCaPem: string;
  /** The name in the peer's TLS certificate, where it is not the address's. */
  readonly hostAlias?: string;
}

/** A client of the ledger, made of the unmodified gateway library alone. */
export interface TestClient {
  readonly gateway: Gateway;
  readonly network: Network;
  readonly contract: Contract;
  close(): void;
}

/** The channel and the chaincode of these tests. */
export const CHANNEL = 'test-channel';
export const CHAINCODE = 'sample';

const TAKE_DEADLINE_MS = 20_000;

/** Connects as the given identity. Every call has a deadline. */
export function connectClient(
  { address, tlsCaPem, hostAlias }: TestLedger,
  identity: TestIdentity,
): TestClient {
  const client = new Client(address, credentials.createSsl(Buffer.from(tlsCaPem)), {
    'grpc.max_receive_message_length': -1,
    ...(hostAlias === undefined ? {} : { 'grpc.ssl_target_name_override': hostAlias }),
  });
  const inTenSeconds = (): { deadline: number } => ({ deadline: Date.now() + 10_000 });
  const gateway = connect({
    client,
    identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificatePem) },
    signer: signers.newPrivateKeySigner(createPrivateKey(identity.privateKeyPem)),
    hash: hash.sha256,
    evaluateOptions: inTenSeconds,
    endorseOptions: inTenSeconds,
    submitOptions: inTenSeconds,
    commitStatusOptions: inTenSeconds,
  });
  const network = gateway.getNetwork(CHANNEL);
  return {
    gateway,
    network,
    contract: network.getContract(CHAINCODE),
    close: () => {
      gateway.close();
      client.close();
    },
  };
}

/** Takes a number of items from an endless stream and closes it. What does not come in time is not in the answer. */
export async function take<Item>(
  stream: AsyncIterable<Item> & { close(): void },
  count: number,
): Promise<Item[]> {
  const items: Item[] = [];
  const deadline = setTimeout(() => stream.close(), TAKE_DEADLINE_MS);
  try {
    for await (const item of stream) {
      items.push(item);
      if (items.length >= count) break;
    }
  } catch (error) {
    if (!isCancelled(error)) throw error;
  } finally {
    clearTimeout(deadline);
    stream.close();
  }
  return items;
}

const CANCELLED: number = status.CANCELLED;
const isCancelled = (error: unknown): boolean => error instanceof GatewayError && error.code === CANCELLED;
