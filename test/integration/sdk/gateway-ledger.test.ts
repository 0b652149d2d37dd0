import { EkoError } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, type LedgerEvent } from '@eko/protocol/ledger';
import { EkoClient, connectGatewayLedger, type Checkpoint } from '@eko/sdk';
import { NodeDirectory, superviseEvents } from '@eko/sdk/node';
import { describeLedger, takeHeartbeats } from '../../contract/ledger-port';
import { registerNode, startParty, type StartedParty } from '../../support/in-process/register-node';

// Each test starts a ledger of its own, which takes seconds on a busy machine.
jest.setTimeout(30_000);

describeLedger('the adapter over a gateway peer', async () => {
  const { eko, ledger, nodeId } = await startParty();
  const stop = async (): Promise<void> => {
    ledger.close();
    await eko.stop();
  };
  return { ledger, nodeId, stop };
});

describe('the ledger adapter on the EKO contracts', () => {
  let party: StartedParty;
  beforeEach(async () => {
    party = await startParty();
  });
  afterEach(async () => {
    party.ledger.close();
    await party.eko.stop();
  });

  it('gives the codes of the contract, on reading and on writing', async () => {
    const { ledger, nodeId } = party;
    await expect(ledger.evaluate(TRANSACTIONS.readNode, { nodeId: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { stage: 'evaluate' },
    });
    await expect(ledger.submit(TRANSACTIONS.retireNode, { nodeId: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { stage: 'endorse' },
    });
    expect(await ledger.evaluate(TRANSACTIONS.readNode, { nodeId })).toMatchObject({ nodeId, role: 'party' });
  });

  it('loads the directory of nodes', async () => {
    const directory = await NodeDirectory.load(party.ledger);
    expect(directory.require(party.nodeId)).toMatchObject({ status: 'active', mspId: 'Org1MSP' });
  });

  it('says that an identity is unknown, without a word of its key', async () => {
    const profile = await party.eko.profile({ name: 'bob' });
    const stranger = connectGatewayLedger({ profile: { ...profile, mspId: 'Org9MSP' } });
    const failure: unknown = await stranger
      .evaluate(TRANSACTIONS.readNode, { nodeId: 'x' })
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: 'FORBIDDEN' });
    expect(JSON.stringify(failure)).not.toContain('PRIVATE KEY');
    stranger.close();
  });

  it('has no second transaction when many are submitted at once', async () => {
    const { ledger, nodeId } = party;
    const committed = await Promise.all(
      Array.from({ length: 50 }, () => ledger.submit(TRANSACTIONS.heartbeat, { nodeId })),
    );
    expect(new Set(committed.map(({ txId }) => txId)).size).toBe(50);
    const events = await takeHeartbeats(ledger, 50);
    expect(new Set(events.map(({ txId }) => txId))).toEqual(new Set(committed.map(({ txId }) => txId)));
  });

  it('is unavailable while the peer is away, and follows it again from the checkpoint when it is back', async () => {
    const { eko, ledger, nodeId } = party;
    const applied: LedgerEvent[] = [];
    let kept: Checkpoint | undefined;
    let wake: () => void = () => undefined;
    const stop = new AbortController();
    const { finished } = superviseEvents({
      ledger,
      consumer: {
        checkpoint: () => Promise.resolve(kept),
        apply: (event, checkpoint) => {
          if (event.name === EVENTS.heartbeat) applied.push(event);
          kept = checkpoint;
          wake();
          return Promise.resolve();
        },
      },
      signal: stop.signal,
    });
    const has = async (count: number): Promise<void> => {
      while (applied.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    const before = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId });
    await has(1);
    await eko.halt();
    await expect(ledger.submit(TRANSACTIONS.heartbeat, { nodeId })).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    await eko.restart();
    let after: { readonly txId: string } | undefined;
    while (after === undefined)
      after = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId }).catch(() => undefined);
    await has(2);
    expect(applied.map(({ txId }) => txId)).toEqual([before.txId, after.txId]);
    stop.abort();
    await finished;
  });

  it('carries a client: it catches up by a heartbeat, and requests come back with the code of their refusal', async () => {
    const { eko, ledger, profile, keys } = party;
    const peers = { call: () => Promise.reject(new EkoError('PEER_UNAVAILABLE', 'nobody is there')) };
    const client = await EkoClient.connect({ ledger: profile, keys, peers });
    const bob = await eko.profile({ name: 'bob' });
    const provider = connectGatewayLedger({ profile: bob });
    await registerNode(provider, bob, 'party-2', 'party');
    provider.close();
    const policy = {
      provider: 'party-2',
      durationSeconds: 60,
      witnesses: { count: 1, quorum: 1, witnessesCanVerify: false, maxPerOrg: 1 },
      dealers: 1,
      onLedgerLoss: 'close',
    } as const;
    const request = { dataType: 'file', permissions: ['read'] };
    await expect(client.requestStream(policy, request)).rejects.toMatchObject({
      code: 'POLICY_UNSATISFIABLE',
    });
    await expect(client.requestStream({ ...policy, provider: 'party-1' }, request)).rejects.toMatchObject({
      code: 'INVALID_PARTY',
    });
    const beat = new Promise<LedgerEvent>((resolve) => {
      client.onEvent((event) => {
        if (event.name === EVENTS.heartbeat) resolve(event);
      });
    });
    const { txId } = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'party-1' });
    expect((await beat).txId).toBe(txId);
    expect(client.nodes.require('party-2').role).toBe('party');
    await client.close();
  });
});
