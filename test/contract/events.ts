import { peer } from '@hyperledger/fabric-protos';
import { commit, endorse, ownPrefix, run, type ProbedTransaction } from './probe';
import type { Suite } from './suite-context';
import { CHAINCODE, take } from '../support/in-process/gateway-client';

const { MVCC_READ_CONFLICT } = peer.TxValidationCode;

/** What is told of transactions, to whom, and again. */
export function describeEvents(suite: Suite): void {
  describe('events', () => {
    const announce = (payload: string): Promise<ProbedTransaction> =>
      run(suite().client, ['event', 'told', payload]);
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

    it('come with name, payload, transaction and block, in the order of the ledger', async () => {
      const { client } = suite();
      const sent = [await announce('one'), await announce('two')] as const;
      const events = await client.network.getChaincodeEvents(CHAINCODE, { startBlock: sent[0].blockNumber });
      expect((await take(events, 2)).map((event) => ({ ...event, payload: text(event.payload) }))).toEqual(
        sent.map(({ txId, blockNumber }, place) => ({
          chaincodeName: CHAINCODE,
          eventName: 'told',
          payload: ['one', 'two'][place],
          transactionId: txId,
          blockNumber,
        })),
      );
    });

    it('are those of valid transactions only', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const invalid = await endorse(client, ['get', key], ['event', 'told', 'never']);
      const first = await run(client, ['put', key, 'v'], ['event', 'told', 'first']);
      expect(await commit(invalid)).toBe(MVCC_READ_CONFLICT);
      await announce('last');
      const events = await client.network.getChaincodeEvents(CHAINCODE, { startBlock: first.blockNumber });
      expect((await take(events, 2)).map(({ payload }) => text(payload))).toEqual(['first', 'last']);
    });

    it('are one for each transaction: the last that it set', async () => {
      const { client } = suite();
      const { blockNumber } = await run(client, ['event', 'first', '1'], ['event', 'last', '2']);
      await announce('after');
      const events = await client.network.getChaincodeEvents(CHAINCODE, { startBlock: blockNumber });
      expect((await take(events, 2)).map(({ eventName, payload }) => [eventName, text(payload)])).toEqual([
        ['last', '2'],
        ['told', 'after'],
      ]);
    });

    it('may have no payload', async () => {
      const { client } = suite();
      const { blockNumber } = await run(client, ['event', 'bare', '']);
      const events = await client.network.getChaincodeEvents(CHAINCODE, { startBlock: blockNumber });
      const [event] = await take(events, 1);
      expect(event).toMatchObject({ eventName: 'bare', payload: new Uint8Array() });
    });

    it('are replayed from a block, after a transaction, and then go on', async () => {
      const { client } = suite();
      const first = await announce('one');
      await announce('two');
      const checkpoint = {
        getBlockNumber: () => first.blockNumber,
        getTransactionId: () => first.txId,
      };
      const events = await client.network.getChaincodeEvents(CHAINCODE, { checkpoint });
      await announce('three');
      expect((await take(events, 2)).map(({ payload }) => text(payload))).toEqual(['two', 'three']);
    });

    it('are replayed after a transaction in the midst of its block', async () => {
      const { client } = suite();
      const several = await Promise.all(
        ['a', 'b', 'c', 'd'].map((payload) => endorse(client, ['event', 'told', payload])),
      );
      const sent = await Promise.all(several.map((transaction) => transaction.submit()));
      const blocks = await Promise.all(sent.map(async (each) => (await each.getStatus()).blockNumber));
      const start = blocks.reduce((a, b) => (a < b ? a : b));
      const all = await take(await client.network.getChaincodeEvents(CHAINCODE, { startBlock: start }), 4);
      for (const [place, { blockNumber, transactionId }] of all.entries()) {
        await announce('next');
        const checkpoint = { getBlockNumber: () => blockNumber, getTransactionId: () => transactionId };
        const rest = await take(
          await client.network.getChaincodeEvents(CHAINCODE, { checkpoint }),
          all.length - place,
        );
        expect(rest.map(({ payload }) => text(payload))).toEqual([
          ...all.slice(place + 1).map(({ payload }) => text(payload)),
          'next',
        ]);
      }
    });

    it('begin with the next block where none is named', async () => {
      const { client } = suite();
      await announce('before');
      const events = await client.network.getChaincodeEvents(CHAINCODE);
      const over = new AbortController();
      const first = take(events, 1).finally(() => over.abort());
      // Nothing tells when the subscription stands, so there is another event until one comes.
      while (!over.signal.aborted) await announce('after');
      expect((await first).map(({ payload }) => text(payload))).toEqual(['after']);
    });
  });
}
