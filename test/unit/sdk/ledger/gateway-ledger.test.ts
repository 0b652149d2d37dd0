import { generateKeyPairSync } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, type Ledger, type LedgerDeadlines } from '@eko/sdk';
import { FakeGatewayClient, serviceError } from './fake-gateway-client';
import { until } from '../../../support/until';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PROFILE = {
  endpoint: '127.0.0.1:1',
  tlsCaPem: '',
  mspId: 'Org1MSP',
  certificatePem: 'a certificate',
  privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  channel: 'mychannel',
  chaincode: 'eko',
};
const ARGUMENT = { nodeId: 'node' };

function ledgerOver(peer: FakeGatewayClient, deadlines: Partial<LedgerDeadlines> = {}): Ledger {
  return connectGatewayLedger({
    profile: PROFILE,
    client: peer.client,
    deadlines,
    pause: () => Promise.resolve(),
  });
}

describe('the ledger over a gateway peer', () => {
  it('sends the argument as canonical JSON and answers what committed', async () => {
    const peer = new FakeGatewayClient({});
    const committed = await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    expect(peer.stages).toEqual(['Endorse', 'Submit', 'CommitStatus']);
    expect(peer.seen[0]?.argument).toBe('{"nodeId":"node"}');
    expect(committed).toEqual({ txId: peer.seen[0]?.txId, blockNumber: 7n, result: { ok: true } });
    expect(new Set(peer.seen.map(({ txId }) => txId)).size).toBe(1);
  });

  it('gives each call its own deadline', async () => {
    const peer = new FakeGatewayClient({});
    const before = Date.now();
    await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    const budgets = peer.seen.map(({ deadline }) => Math.round((deadline - before) / 1_000));
    expect(budgets).toEqual([15, 5, 25]);
  });

  it('asks for the status by the same transaction ID when the answer to a submit is lost', async () => {
    const peer = new FakeGatewayClient({ Submit: [serviceError(status.UNAVAILABLE, 'connection reset')] });
    const { txId } = await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    expect(peer.stages).toEqual(['Endorse', 'Submit', 'CommitStatus']);
    expect(peer.seen[2]?.txId).toBe(txId);
  });

  it('asks again when the commit status is lost, and never sends twice', async () => {
    const lost = serviceError(status.UNAVAILABLE, 'connection reset');
    const peer = new FakeGatewayClient({ CommitStatus: [lost, lost, lost] });
    await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    expect(peer.stages).toEqual(['Endorse', 'Submit', ...Array<string>(4).fill('CommitStatus')]);
  });

  it('says COMMIT_UNKNOWN with the transaction ID when the status stays unknown', async () => {
    const peer = new FakeGatewayClient({ CommitStatus: [serviceError(status.UNAVAILABLE, 'gone')] });
    const submitted = ledgerOver(peer, { commitStatusMs: 0 }).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    await expect(submitted).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' });
    await expect(submitted).rejects.toMatchObject({ details: { txId: peer.seen[0]?.txId } });
  });

  it('says COMMIT_UNKNOWN when the deadline passes after the transaction was sent', async () => {
    const peer = new FakeGatewayClient({ CommitStatus: ['silence'] });
    const submitted = ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT, { deadlineMs: 50 });
    await expect(submitted).rejects.toMatchObject({
      code: 'COMMIT_UNKNOWN',
      details: { txId: expect.any(String) as string },
    });
  });

  it('says DEADLINE_EXCEEDED when nothing was sent yet', async () => {
    const peer = new FakeGatewayClient({ Endorse: ['silence'] });
    await expect(
      ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT, { deadlineMs: 20 }),
    ).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(peer.stages).toEqual(['Endorse']);
  });

  it('ends at once when its caller cancels, and says whether the transaction was sent', async () => {
    const early = new AbortController();
    const peer = new FakeGatewayClient({ Endorse: ['silence'], CommitStatus: ['silence'] });
    const ledger = ledgerOver(peer);
    const first = ledger.submit(TRANSACTIONS.heartbeat, ARGUMENT, { signal: early.signal });
    early.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED', details: {} });
    const late = new AbortController();
    const second = ledger.submit(TRANSACTIONS.heartbeat, ARGUMENT, { signal: late.signal });
    await until('the commit status is asked for', () => peer.stages.includes('CommitStatus'));
    late.abort();
    await expect(second).rejects.toMatchObject({
      code: 'CANCELLED',
      details: { txId: expect.any(String) as string },
    });
  });

  it.each([
    ['MVCC', 11],
    ['phantom', 12],
  ])('repeats a %s conflict as a new transaction', async (_kind, validationCode) => {
    const peer = new FakeGatewayClient({ CommitStatus: [{ validationCode }, { validationCode }] });
    await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    const submits = peer.seen.filter(({ stage }) => stage === 'Submit');
    expect(new Set(submits.map(({ txId }) => txId)).size).toBe(3);
  });

  it('gives up on conflicts after a bounded number of attempts', async () => {
    const peer = new FakeGatewayClient({
      CommitStatus: Array.from({ length: 100 }, () => ({ validationCode: 11 })),
    });
    await expect(ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT)).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    expect(peer.stages.filter((stage) => stage === 'Submit')).toHaveLength(6);
  });

  it('endorses again for as long as its caller waits while peers differ, and submits once', async () => {
    const peer = new FakeGatewayClient({ Endorse: Array.from({ length: 40 }, unlikeEndorsements) });
    await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    const endorsed = peer.seen.filter(({ stage }) => stage === 'Endorse');
    expect(new Set(endorsed.map(({ txId }) => txId)).size).toBe(41);
    expect(peer.stages.filter((stage) => stage === 'Submit')).toHaveLength(1);
  });

  it('says that peers differ, not that time ran out, when they do to the end', async () => {
    const peer = new FakeGatewayClient({ Endorse: [unlikeEndorsements(), unlikeEndorsements(), 'silence'] });
    const submitted = ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT, { deadlineMs: 50 });
    await expect(submitted).rejects.toMatchObject({ code: 'LEDGER_CONFLICT', details: { stage: 'endorse' } });
    expect(peer.stages).toEqual(['Endorse', 'Endorse', 'Endorse']);
  });

  it('counts only what was ordered against its bound of conflicts', async () => {
    const peer = new FakeGatewayClient({
      Endorse: Array.from({ length: 10 }, unlikeEndorsements),
      CommitStatus: Array.from({ length: 5 }, () => ({ validationCode: 11 })),
    });
    await ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT);
    expect(peer.stages.filter((stage) => stage === 'Submit')).toHaveLength(6);
  });

  it.each([
    ['an endorsement policy failure', { CommitStatus: [{ validationCode: 10 }] }, 'INTERNAL'],
    ['a duplicate transaction', { CommitStatus: [{ validationCode: 9 }] }, 'DUPLICATE_TRANSACTION'],
    ['an unreachable peer', { Endorse: [serviceError(status.UNAVAILABLE, 'no')] }, 'LEDGER_UNAVAILABLE'],
    [
      'what no orderer took',
      { Submit: [serviceError(status.UNAVAILABLE, 'no orderers could successfully process transaction')] },
      'LEDGER_UNAVAILABLE',
    ],
    ['a refusal by the orderer', { Submit: [serviceError(status.ABORTED, 'no')] }, 'LEDGER_UNAVAILABLE'],
  ])('does not repeat %s', async (_what, script, code) => {
    const peer = new FakeGatewayClient(script);
    await expect(ledgerOver(peer).submit(TRANSACTIONS.heartbeat, ARGUMENT)).rejects.toMatchObject({ code });
    expect(peer.stages.filter((stage) => stage === 'Endorse')).toHaveLength(1);
  });

  it('refuses an answer that is not what the transaction answers', async () => {
    const peer = new FakeGatewayClient({}, { nodeId: 'node' });
    await expect(ledgerOver(peer).evaluate(TRANSACTIONS.readNode, ARGUMENT)).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
    });
  });

  it('ends calls under way when it is closed', async () => {
    const peer = new FakeGatewayClient({ Evaluate: ['silence'] });
    const ledger = ledgerOver(peer);
    const call = ledger.evaluate(TRANSACTIONS.readNode, ARGUMENT);
    ledger.close();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(peer.closed).toBe(true);
  });
});

/** What a gateway peer answers where two endorsers do not write the same. */
function unlikeEndorsements() {
  return serviceError(status.ABORTED, 'ProposalResponsePayloads do not match');
}
