import { createPrivateKey } from 'node:crypto';
import { credentials, Client } from '@grpc/grpc-js';
import {
  connect,
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

/** Connects as the given identity. Every call has a deadline. */
export function connectClient({ address, tlsCaPem }: TestLedger, identity: TestIdentity): TestClient {
  const client = new Client(address, credentials.createSsl(Buffer.from(tlsCaPem)));
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

/** Takes a number of items from an endless stream and closes it. */
export async function take<Item>(
  stream: AsyncIterable<Item> & { close(): void },
  count: number,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length >= count) break;
  }
  stream.close();
  return items;
}
