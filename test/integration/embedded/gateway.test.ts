import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createOrganisation,
  issueIdentity,
  startEmbeddedLedger,
  type EmbeddedLedger,
  type IssuedIdentity,
  type Organisation,
} from '@eko/embedded-ledger';
import { contracts } from '../../support/embedded/sample-contract';
import {
  CHAINCODE,
  CHANNEL,
  connectClient,
  take,
  type TestClient,
} from '../../support/embedded/gateway-client';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the embedded ledger, seen by the unmodified gateway client', () => {
  let directory: string;
  let organisations: Organisation[];
  let alice: IssuedIdentity;
  let ledger: EmbeddedLedger;
  let client: TestClient;

  const start = (): Promise<EmbeddedLedger> =>
    startEmbeddedLedger({
      directory: join(directory, 'ledger'),
      channel: CHANNEL,
      chaincodeName: CHAINCODE,
      contracts,
      organisations,
      blockTimeoutMs: 5,
    });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-embedded-'));
    organisations = [
      await createOrganisation({ directory, mspId: 'Org1MSP', domain: 'org1.example.com' }),
      await createOrganisation({ directory, mspId: 'Org2MSP', domain: 'org2.example.com' }),
    ];
    const [organisation] = organisations;
    alice = await issueIdentity(organisation as Organisation, { name: 'alice' });
    ledger = await start();
    client = connectClient(ledger, alice);
  });

  afterEach(async () => {
    client.close();
    await ledger.close();
    await rm(directory, { recursive: true });
  });

  it('submits, evaluates and answers with the block', async () => {
    const submitted = await client.contract.submitAsync('Put', { arguments: ['k', 'v'] });
    expect(text(submitted.getResult())).toBe('v');
    expect(await submitted.getStatus()).toMatchObject({ successful: true, code: 0, blockNumber: 1n });
    expect(text(await client.contract.evaluateTransaction('Get', 'k'))).toBe('v');
  });

  it('passes a contract’s refusal on as Fabric does', async () => {
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
    await client.contract.submitTransaction('Put', 'k', 'v');
    const blocks = await take(await client.network.getBlockEvents({ startBlock: 0n }), 2);
    expect(blocks.map((block) => block.getHeader()?.getNumber())).toEqual([0, 1]);
    const [filtered] = await take(await client.network.getFilteredBlockEvents({ startBlock: 1n }), 1);
    const [transaction] = filtered?.getFilteredTransactionsList() ?? [];
    expect(transaction?.getTxValidationCode()).toBe(0);
  });

  it('keeps everything over a restart and knows a transaction again', async () => {
    const endorsed = await client.contract.newProposal('Put', { arguments: ['k', 'v'] }).endorse();
    await (await endorsed.submit()).getStatus();
    client.close();
    await ledger.close();
    ledger = await start();
    client = connectClient(ledger, alice);
    expect(ledger.height()).toBe(2);
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

  it('refuses strangers, wrong signatures and other channels', async () => {
    const stranger = await createOrganisation({
      directory: join(directory, 'strangers'),
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
    });
    const mallory = connectClient(ledger, await issueIdentity(stranger, { name: 'mallory' }));
    await expect(mallory.contract.submitTransaction('Put', 'k', 'v')).rejects.toMatchObject({
      code: 10,
      details: [{ message: expect.stringContaining('creator org [Org1MSP]') as string }],
    });
    await expect(take(await mallory.network.getChaincodeEvents(CHAINCODE), 1)).rejects.toMatchObject({
      code: 7,
    });
    await expect(take(await mallory.network.getBlockEvents(), 1)).rejects.toMatchObject({ code: 7 });
    mallory.close();

    const borrowed = connectClient(ledger, {
      ...alice,
      privateKeyPem: mallorysKey(await issueIdentity(stranger, { name: 'eve' })),
    });
    await expect(borrowed.contract.evaluateTransaction('Get', 'k')).rejects.toMatchObject({ code: 9 });
    borrowed.close();

    const elsewhere = client.gateway.getNetwork('elsewhere').getContract(CHAINCODE);
    await expect(elsewhere.evaluateTransaction('Get', 'k')).rejects.toMatchObject({ code: 9 });
  });
});

const mallorysKey = ({ privateKeyPem }: IssuedIdentity): string => privateKeyPem;
