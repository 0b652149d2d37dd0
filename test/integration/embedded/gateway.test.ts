import { gateway, msp } from '@hyperledger/fabric-protos';
import { parseTransaction } from '../../../network/embedded/src/messages/transaction';
import { CHAINCODE, take } from '../../support/embedded/gateway-client';
import { startLedger, type StartedLedger } from '../../support/embedded/started-ledger';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the embedded ledger, seen by the unmodified gateway client', () => {
  let started: StartedLedger;

  beforeEach(async () => {
    started = await startLedger();
  });

  afterEach(async () => {
    await started.remove();
  });

  it('submits, evaluates and answers with the block', async () => {
    const { client } = started;
    const submitted = await client.contract.submitAsync('Put', { arguments: ['k', 'v'] });
    expect(text(submitted.getResult())).toBe('v');
    expect(await submitted.getStatus()).toMatchObject({ successful: true, code: 0, blockNumber: 1n });
    expect(text(await client.contract.evaluateTransaction('Get', 'k'))).toBe('v');
  });

  it('passes a contract’s refusal on as Fabric does', async () => {
    const { client, ledger } = started;
    await expect(client.contract.submitTransaction('Fail', 'BAD_STATE: no')).rejects.toMatchObject({
      name: 'EndorseError',
      code: 10,
      details: [
        { address: ledger.address, mspId: 'Org1MSP', message: 'chaincode response 500, BAD_STATE: no' },
      ],
    });
    await expect(client.contract.evaluateTransaction('Fail', 'BAD_STATE: no')).rejects.toMatchObject({
      name: 'GatewayError',
      code: 2,
      message: expect.stringContaining('chaincode response 500, BAD_STATE: no') as string,
    });
    await expect(client.contract.submitTransaction('Nondeterministic')).rejects.toMatchObject({
      code: 10,
      message: expect.stringContaining('ProposalResponsePayloads do not match') as string,
    });
  });

  it('lets one of two conflicting transactions through', async () => {
    const { client } = started;
    const first = await client.contract.newProposal('Append', { arguments: ['k', 'a'] }).endorse();
    const second = await client.contract.newProposal('Append', { arguments: ['k', 'b'] }).endorse();
    const commits = [await first.submit(), await second.submit()];
    const codes = await Promise.all(commits.map(async (commit) => (await commit.getStatus()).code));
    expect(codes).toEqual([0, 11]);
    expect(text(await client.contract.evaluateTransaction('Get', 'k'))).toBe('a');
    await expect(
      (async () => {
        const late = await client.contract.newProposal('Append', { arguments: ['k', 'c'] }).endorse();
        await client.contract.submitTransaction('Put', 'k', 'new');
        return (await (await late.submit()).getStatus()).code;
      })(),
    ).resolves.toBe(11);
  });

  it('replays events from a block and after a transaction, then goes on live', async () => {
    const { client } = started;
    await client.contract.submitTransaction('Put', 'k1', 'v');
    await client.contract.submitTransaction('Put', 'k2', 'v');
    const replayed = await take(await client.network.getChaincodeEvents(CHAINCODE, { startBlock: 0n }), 2);
    expect(replayed.map(({ eventName, payload }) => [eventName, text(payload)])).toEqual([
      ['put', 'k1'],
      ['put', 'k2'],
    ]);
    const [first] = replayed;
    const checkpoint = {
      getBlockNumber: () => first?.blockNumber,
      getTransactionId: () => first?.transactionId,
    };
    const resumed = await client.network.getChaincodeEvents(CHAINCODE, { checkpoint });
    await client.contract.submitTransaction('Put', 'k3', 'v');
    expect((await take(resumed, 2)).map(({ payload }) => text(payload))).toEqual(['k2', 'k3']);
  });

  it('delivers blocks and filtered blocks', async () => {
    const { client } = started;
    await client.contract.submitTransaction('Put', 'k', 'v');
    const blocks = await take(await client.network.getBlockEvents({ startBlock: 0n }), 2);
    expect(blocks.map((block) => block.getHeader()?.getNumber())).toEqual([0, 1]);
    const [filtered] = await take(await client.network.getFilteredBlockEvents({ startBlock: 1n }), 1);
    const [transaction] = filtered?.getFilteredTransactionsList() ?? [];
    expect(transaction?.getTxValidationCode()).toBe(0);
  });

  it('asks as many organisations for an endorsement as the policy needs: the client’s own, the others in turn', async () => {
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
