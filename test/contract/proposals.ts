import { status } from '@grpc/grpc-js';
import type { Proposal } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type TransactionName } from '@eko/protocol/ledger';
import { gatewayError, type LedgerStage } from '../../client-sdk/sdk/src/ledger/gateway-errors';
import { answersOf, ask, commit, ownPrefix, propose, run } from './probe';
import type { Suite } from './suite-context';
import { CHANNEL, take } from '../support/in-process/gateway-client';
import { skewedProposal } from './skewed-proposal';

const { VALID, DUPLICATE_TXID } = peer.TxValidationCode;

/** What a client sends besides its arguments: transient data, its clock, itself, and the transaction's ID. */
export function describeProposals(suite: Suite): void {
  describe('proposals', () => {
    it('bring transient data to the contract, and none of it to a block', async () => {
      const { client } = suite();
      const secret = ownPrefix();
      const transientData = { note: secret, empty: '' };
      const proposal = propose(client, [['transient'], ['put', ownPrefix(), 'v']], { transientData });
      expect(answersOf(await proposal.evaluate())[0]).toEqual(transientData);
      const transaction = await proposal.endorse();
      expect(answersOf(transaction.getResult())[0]).toEqual(transientData);
    });

    it('bring the transaction’s facts: ID, channel, the submitter’s clock and certificate', async () => {
      const { client, alice } = suite();
      const before = Date.now();
      const proposal = propose(client, [['facts']]);
      const [facts] = answersOf(await proposal.evaluate()) as [{ atUnixMs: number }];
      expect(facts).toMatchObject({
        txId: proposal.getTransactionId(),
        channel: CHANNEL,
        mspId: 'Org1MSP',
        creator: alice.certificatePem,
        colour: 'blue',
      });
      expect(facts.atUnixMs).toBeGreaterThanOrEqual(before);
      expect(facts.atUnixMs).toBeLessThanOrEqual(Date.now());
    });

    it('are refused for a transaction that is in a block already', async () => {
      const { client } = suite();
      const proposal = propose(client, [['put', ownPrefix(), 'v']]);
      expect(await commit(await proposal.endorse())).toBe(VALID);
      const endorsed: unknown = await proposal.endorse().catch((error: unknown) => error);
      expect(gatewayError(endorsed, 'endorse')).toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
      const evaluated: unknown = await proposal.evaluate().catch((error: unknown) => error);
      expect(gatewayError(evaluated, 'evaluate')).toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    });

    it('make one transaction, however often it is sent', async () => {
      const { client, ledger } = suite();
      const key = ownPrefix();
      const endorsed = await propose(client, [['put', key, 'v']]).endorse();
      const sent = await endorsed.submit();
      const first = await sent.getStatus();
      const again = client.gateway.newTransaction(endorsed.getBytes());
      // BFT orderers know what they have had; others order it once more, and peers find that it is there.
      if (ledger.tellsWhyNotOrdered) await again.submit();
      else await expect(again.submit()).rejects.toMatchObject({ code: status.UNAVAILABLE });
      const { blockNumber } = await run(client, ['put', `${key}after`, 'v']);
      const commitStatus = client.gateway.newCommit(sent.getBytes());
      expect(await commitStatus.getStatus()).toMatchObject({ code: VALID, blockNumber: first.blockNumber });
      const count = Number(blockNumber - first.blockNumber) + 1;
      const events = await client.network.getFilteredBlockEvents({ startBlock: first.blockNumber });
      const codes = (await take(events, count))
        .flatMap((block) => block.getFilteredTransactionsList())
        .filter((transaction) => transaction.getTxid() === first.transactionId)
        .map((transaction) => transaction.getTxValidationCode());
      expect(codes).toEqual(ledger.tellsWhyNotOrdered ? [VALID, DUPLICATE_TXID] : [VALID]);
      const [history] = (await ask(client, ['history', key])) as [unknown[]];
      expect(history).toHaveLength(1);
    });

    it('are refused by EKO’s contracts with a clock that is far from the peer’s', async () => {
      const { client } = suite();
      const aboutNobody = (transaction: TransactionName, skewMs: number): Proposal =>
        skewedProposal(
          client.gateway,
          client.contract.newProposal(transaction, { arguments: ['{"nodeId":"nobody"}'] }),
          skewMs,
        );
      const codeOf = async (
        skewMs: number,
        transaction: TransactionName = TRANSACTIONS.retireNode,
      ): Promise<string> => {
        const error: unknown = await aboutNobody(transaction, skewMs)
          .endorse()
          .catch((each: unknown) => each);
        return gatewayError(error, 'endorse').code;
      };
      const margin = 30_000;
      expect(await codeOf(0)).toBe('NOT_FOUND');
      expect(await codeOf(LIMITS.clockSkewMs - margin)).toBe('NOT_FOUND');
      expect(await codeOf(margin - LIMITS.clockSkewMs)).toBe('NOT_FOUND');
      expect(await codeOf(LIMITS.clockSkewMs + margin)).toBe('CLOCK_SKEW');
      expect(await codeOf(-LIMITS.clockSkewMs - margin)).toBe('CLOCK_SKEW');
      // Its time tells others how old their view of the ledger is.
      expect(await codeOf(0, TRANSACTIONS.heartbeat)).toBe('NOT_FOUND');
      expect(await codeOf(margin, TRANSACTIONS.heartbeat)).toBe('CLOCK_SKEW');
      expect(await codeOf(-margin, TRANSACTIONS.heartbeat)).toBe('NOT_FOUND');
      expect(await codeOf(20 * 60_000)).toBe('CLOCK_SKEW');
      expect(await codeOf(-20 * 60_000)).toBe('CLOCK_SKEW');
    });

    it('are refused by peers with a clock that is more than 15 minutes off, whatever the contract says', async () => {
      const { client, ledger } = suite();
      const outcomeOf = (work: Promise<unknown>, stage: LedgerStage): Promise<string> =>
        work.then(
          () => 'taken',
          (error: unknown) => gatewayError(error, stage).code,
        );
      for (const [minutes, outcome] of [
        [14, 'taken'],
        [-14, 'taken'],
        [16, ledger.hasTimeWindow ? 'CLOCK_SKEW' : 'taken'],
        [-16, ledger.hasTimeWindow ? 'CLOCK_SKEW' : 'taken'],
      ] as const) {
        const off = (): Proposal =>
          skewedProposal(client.gateway, propose(client, [['get', ownPrefix()]]), minutes * 60_000);
        expect([minutes, await outcomeOf(off().evaluate(), 'evaluate')]).toEqual([minutes, outcome]);
        expect([minutes, await outcomeOf(off().endorse(), 'endorse')]).toEqual([minutes, outcome]);
      }
    });
  });
}
