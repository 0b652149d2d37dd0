import type { Gateway, Network } from '@hyperledger/fabric-gateway';
import { EkoError } from '@eko/protocol';
import { cancelled, isAborted } from '../../pacing/deadline';
import type { FabricProfile } from '../fabric-profile';
import { openGateway } from '../gateway-client';
import { newNativeSigner } from '../native-signer';
import { decodeChannelBlock, type ChannelBlock } from './channel-block';
import { deliverError } from './deliver-error';
import { newestBlockRequest } from './newest-block-request';

/** A stream of blocks that can be given up. */
type Blocks = AsyncIterable<{ serializeBinary(): Uint8Array }> & { close(): void };

/**
 * Every block of a channel from the first to the one that is newest now, as the gateway peer holds them, over a
 * connection of its own.
 *
 * @param signal - gives up with `CANCELLED`
 * @throws EkoError `LEDGER_UNAVAILABLE`, `FORBIDDEN`, `INVALID_CONFIG`; `CORRUPT_RECORD` for a block that cannot be
 *   read, or that does not follow the one before
 */
export async function* readChannelBlocks(
  profile: FabricProfile,
  signal: AbortSignal,
): AsyncGenerator<ChannelBlock> {
  const { client, gateway } = openGateway(profile);
  try {
    const network = gateway.getNetwork(profile.channel);
    const newest = await newestBlock(gateway, network, profile, signal);
    let expected = 0n;
    const all = await network.getBlockEvents({ startBlock: 0n });
    for await (const block of decoded(all, profile, signal)) {
      if (block.number !== expected) throw outOfOrder(expected, block.number);
      expected += 1n;
      yield block;
      if (block.number >= newest) return;
    }
    throw new EkoError('LEDGER_UNAVAILABLE', 'The peer ended the block subscription');
  } finally {
    gateway.close();
    client.close();
  }
}

async function newestBlock(
  gateway: Gateway,
  network: Network,
  profile: FabricProfile,
  signal: AbortSignal,
): Promise<bigint> {
  const { bytes, signed } = newestBlockRequest(network.newBlockEventsRequest().getBytes());
  const signature = await newNativeSigner(profile.privateKeyPem)(signed);
  const newest = await gateway.newSignedBlockEventsRequest(bytes, signature).getEvents();
  for await (const { number } of decoded(newest, profile, signal)) return number;
  throw new EkoError('LEDGER_UNAVAILABLE', 'The peer named no newest block');
}

async function* decoded(
  blocks: Blocks,
  { chaincode }: FabricProfile,
  signal: AbortSignal,
): AsyncGenerator<ChannelBlock> {
  const close = (): void => {
    blocks.close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    for await (const block of blocks) {
      if (isAborted(signal)) break;
      yield decodeChannelBlock(block.serializeBinary(), chaincode);
    }
  } catch (error) {
    if (!isAborted(signal)) throw deliverError(error);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
  if (isAborted(signal)) throw cancelled('Reading blocks');
}

const outOfOrder = (expected: bigint, received: bigint): EkoError =>
  new EkoError('CORRUPT_RECORD', `Block ${expected} was due, and the peer gave block ${received}`, {
    details: { expected: expected.toString(), received: received.toString() },
  });
