import { gateway, msp } from '@hyperledger/fabric-protos';
import { parseTransaction } from '../../../network/embedded/src/messages/transaction';
import { take } from '../../support/in-process/gateway-client';
import { startLedger, type StartedLedger } from './started-ledger';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the embedded ledger, seen by the unmodified gateway client', () => {
  let started: StartedLedger;

  beforeEach(async () => {
    started = await startLedger();
  });

  afterEach(async () => {
    await started.remove();
  });

  it('asks as many organisations for an endorsement as the policy needs: its own, the others in turn', async () => {
    await started.remove();
    started = await startLedger({ organisations: 3 });
    const askedFor = async (): Promise<readonly string[]> => {
      const endorsed = await started.client.contract.newProposal('Put', { arguments: ['k', 'v'] }).endorse();
      const prepared = gateway.PreparedTransaction.deserializeBinary(endorsed.getBytes());
      const { endorsements } = parseTransaction(prepared.getEnvelope()!);
      return endorsements.map(({ endorser }) =>
        msp.SerializedIdentity.deserializeBinary(endorser).getMspid(),
      );
    };
    const rounds = [await askedFor(), await askedFor()].map((asked) => [...asked].sort());
    expect(rounds.sort()).toEqual([
      ['Org1MSP', 'Org2MSP'],
      ['Org1MSP', 'Org3MSP'],
    ]);
  });

  it('keeps everything over a restart and knows a transaction again', async () => {
    const endorsed = await started.client.contract.newProposal('Put', { arguments: ['k', 'v'] }).endorse();
    await (await endorsed.submit()).getStatus();
    started = await started.restart();
    const { client } = started;
    expect(started.ledger.height()).toBe(2);
    expect(text(await client.contract.evaluateTransaction('Get', 'k'))).toBe('v');
    const signed = client.gateway.newTransaction(endorsed.getBytes());
    await signed.submit();
    await client.contract.submitTransaction('Put', 'other', 'v');
    const codes: number[] = [];
    for (const block of await take(await client.network.getFilteredBlockEvents({ startBlock: 2n }), 1)) {
      codes.push(
        ...block.getFilteredTransactionsList().map((transaction) => transaction.getTxValidationCode()),
      );
    }
    expect(codes[0]).toBe(9);
  });
});
