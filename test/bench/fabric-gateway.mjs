import { createPrivateKey } from 'node:crypto';
import { readFabricProfile } from '@eko/sdk';
import { newNativeSigner } from '@eko/sdk/node';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';
import { newGatewayClient } from '../../client-sdk/sdk/dist/ledger/gateway-client.js';

/**
 * Runs `work` with the chaincode's contract over two gateways that differ in who signs: the client's own signer and the
 * native one.
 */
export async function withSigners(profileFile, work) {
  const profile = await readFabricProfile(profileFile);
  const client = newGatewayClient(profile);
  const own = signers.newPrivateKeySigner(createPrivateKey(profile.privateKeyPem));
  const gateways = [
    open(client, profile, { signer: own, hash: hash.sha256 }),
    open(client, profile, { signer: newNativeSigner(profile.privateKeyPem), hash: hash.none }),
  ];
  try {
    const [ofOwn, ofNative] = gateways.map((gateway) =>
      gateway.getNetwork(profile.channel).getContract(profile.chaincode),
    );
    return await work({ own: ofOwn, native: ofNative });
  } finally {
    for (const gateway of gateways) gateway.close();
    client.close();
  }
}

/**
 * The chaincode's events between two transactions, of which there is one at the most for each transaction.
 *
 * @param from - the first transaction's ID and block
 * @param to - the ID of the last, which has an event
 */
export async function eventsBetween(profileFile, from, to) {
  const profile = await readFabricProfile(profileFile);
  const client = newGatewayClient(profile);
  const gateway = open(client, profile, { signer: newNativeSigner(profile.privateKeyPem), hash: hash.none });
  const events = await gateway
    .getNetwork(profile.channel)
    .getChaincodeEvents(profile.chaincode, { startBlock: from.blockNumber });
  const found = [];
  let hasBegun = false;
  try {
    for await (const event of events) {
      if (event.transactionId === to) return found;
      if (hasBegun) found.push(event);
      hasBegun ||= event.transactionId === from.txId;
    }
    throw new Error('the events ended before the last transaction');
  } finally {
    events.close();
    gateway.close();
    client.close();
  }
}

/** The blocks that hold these transactions, from a block on. */
export async function blocksWith(profileFile, txIds, startBlock) {
  const profile = await readFabricProfile(profileFile);
  const client = newGatewayClient(profile);
  const gateway = open(client, profile, { signer: newNativeSigner(profile.privateKeyPem), hash: hash.none });
  const events = await gateway.getNetwork(profile.channel).getBlockEvents({ startBlock });
  const left = new Set(txIds);
  const found = [];
  try {
    for await (const block of events) {
      const held = txIdsOf(block).filter((txId) => left.delete(txId));
      if (held.length > 0) found.push(block);
      if (left.size === 0) return found;
    }
    throw new Error('the blocks ended before all transactions were found');
  } finally {
    events.close();
    gateway.close();
    client.close();
  }
}

function open(client, profile, signing) {
  return connect({
    client,
    identity: { mspId: profile.mspId, credentials: Buffer.from(profile.certificatePem) },
    ...signing,
  });
}

/** What a block takes for these transactions: not counted are others that happen to be in it, such as a heartbeat. */
export function bytesOfThese(block, txIds) {
  const others = envelopesOf(block).filter(({ txId }) => !txIds.has(txId));
  return others.reduce((rest, { bytes }) => rest - bytes.length, block.serializeBinary().length);
}

const txIdsOf = (block) => envelopesOf(block).map(({ txId }) => txId);

function envelopesOf(block) {
  return block
    .getData()
    .getDataList_asU8()
    .map((bytes) => {
      const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
      );
      const header = common.ChannelHeader.deserializeBinary(payload.getHeader().getChannelHeader_asU8());
      return { bytes, txId: header.getTxId() };
    });
}
