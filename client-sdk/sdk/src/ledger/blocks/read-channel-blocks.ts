import type { Gateway, Network } from '@hyperledger/fabric-gateway';
import { EkoError } from '@eko/protocol';
import { cancelled, isAborted } from '../../pacing/deadline';
import type { FabricProfile } from '../fabric-profile';
import { openGateway } from '../open-gateway';
import { newNativeSigner } from '../native-signer';
import { protobufField, ProtobufMessage } from '../protobuf-message';
import { deliverError } from './deliver-error';

/** A stream of blocks that can be closed. */
type Blocks = AsyncIterable<{ serializeBinary(): Uint8Array }> & { close(): void };

/**
 * Every block of a channel from the first to the one that is newest now, as the gateway peer gives them, over a
 * connection of its own. Nothing of what the peer says is checked.
 *
 * @param signal - ends it with `CANCELLED`
 * @returns serialized `common.Block`s, as `decodeChannelBlock` reads them
 * @throws EkoError `LEDGER_UNAVAILABLE`, `FORBIDDEN`, `INVALID_CONFIG`; `CORRUPT_RECORD` for what is no block
 */
export async function* readChannelBlocks(
  profile: FabricProfile,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { client, gateway } = openGateway(profile);
  try {
    const network = gateway.getNetwork(profile.channel);
    let due = (await newestBlock(gateway, network, profile, signal)) + 1n;
    const all = await network.getBlockEvents({ startBlock: 0n });
    for await (const block of serialized(all, signal)) {
      yield block;
      due -= 1n;
      if (due === 0n) return;
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
  for await (const block of serialized(newest, signal))
    return new ProtobufMessage(block).message(1).number(1);
  throw new EkoError('LEDGER_UNAVAILABLE', 'The peer named no newest block');
}

async function* serialized(blocks: Blocks, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const close = (): void => {
    blocks.close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    for await (const block of blocks) {
      if (isAborted(signal)) break;
      yield block.serializeBinary();
    }
  } catch (error) {
    if (!isAborted(signal)) throw deliverError(error);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
  if (isAborted(signal)) throw cancelled('Reading blocks');
}

const NOTHING = new Uint8Array();

/**
 * Turns a serialized request for block events into one for the newest block alone, and drops its signature. The gateway
 * client builds requests that start at a given block only; without this, nobody knows where a channel ends at present.
 *
 * @returns the request, and the bytes of it that are signed
 * @see common.proto: `Envelope {payload = 1, signature = 2}`, `Payload {header = 1, data = 2}`; orderer/ab.proto:
 *   `SeekInfo {start = 1, stop = 2}`, `SeekPosition {newest = 1}`
 */
function newestBlockRequest(request: Uint8Array): {
  readonly bytes: Uint8Array;
  readonly signed: Uint8Array;
} {
  const header = new ProtobufMessage(request).messageIn(1).bytes(1);
  const newest = protobufField(1, NOTHING);
  const seek = Buffer.concat([protobufField(1, newest), protobufField(2, newest)]);
  const signed = Buffer.concat([protobufField(1, header), protobufField(2, seek)]);
  return { bytes: protobufField(1, signed), signed };
}
