import { common, peer } from '@hyperledger/fabric-protos';
import { ownPrefix, run } from './probe';
import type { Suite } from './suite-context';
import { take } from '../support/in-process/gateway-client';

/** The chain itself, as whoever audits it reads it. */
export function describeBlocks(suite: Suite): void {
  describe('blocks', () => {
    it('come one after the other from the first, which holds the configuration, each with the hash of the one before', async () => {
      const { client } = suite();
      const { blockNumber } = await run(client, ['put', ownPrefix(), 'v']);
      const blocks = await take(
        await client.network.getBlockEvents({ startBlock: 0n }),
        Number(blockNumber) + 1,
      );
      expect(blocks.map((block) => block.getHeader()?.getNumber())).toEqual(blocks.map((_block, n) => n));
      const first = common.Envelope.deserializeBinary(
        blocks[0]?.getData()?.getDataList_asU8()[0] ?? Buffer.of(),
      );
      const { CONFIG } = common.HeaderType;
      expect(channelHeaderOf(first).getType()).toBe(CONFIG);
      const hashes = blocks.map((block) => block.getHeader()?.getPreviousHash_asB64());
      expect(new Set(hashes).size).toBe(blocks.length);
    });

    it('say of each transaction its ID and what became of it', async () => {
      const { client } = suite();
      const { blockNumber, txId } = await run(client, ['put', ownPrefix(), 'v'], ['event', 'told', 'secret']);
      const events = await client.network.getFilteredBlockEvents({ startBlock: blockNumber });
      const [block] = await take(events, 1);
      const found = block
        ?.getFilteredTransactionsList()
        .find((transaction) => transaction.getTxid() === txId);
      expect(found?.getTxValidationCode()).toBe(peer.TxValidationCode.VALID);
      const [action] = found?.getTransactionActions()?.getChaincodeActionsList() ?? [];
      expect(action?.getChaincodeEvent()?.getEventName()).toBe('told');
      expect(action?.getChaincodeEvent()?.getPayload_asU8()).toHaveLength(0);
    });
  });
}

function channelHeaderOf(envelope: common.Envelope): common.ChannelHeader {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  return common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
}
