import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { TRANSACTIONS, type LedgerEvent } from '@eko/protocol';
import { connectGatewayLedger, readFabricProfile, withDeadline, type SecureStream } from '@eko/sdk';
import { eko, ekoJson } from '../support/cli/eko-process';
import { EndorsingClient } from '../support/fabric/endorsed-transactions';
import { FabricFaults } from '../support/fabric/fabric-faults';
import { hasFabricPrograms, NO_FABRIC } from '../support/fabric/fabric-programs';
import { freeBasePort } from '../support/fabric/free-base-port';
import { newLosingClient } from '../support/fabric/losing-client';
import { checkedHistory } from '../support/network/checked-history';
import { FAULT_POLICY, FaultNetwork } from '../support/network/fault-network';
import { SteadyTraffic } from '../support/network/steady-traffic';
import { untilTrue } from '../support/network/until';
import { rejectionOf } from '../support/node-kit/rejection';
import { describeIf } from '../support/skip';

jest.setTimeout(180_000);

const REQUEST = { dataType: 'file', permissions: ['read'] };
const WITNESSES = ['witness-1', 'witness-2', 'witness-3', 'witness-4', 'witness-5'] as const;
const WRITERS = 200;
const SETTLE_MS = 90_000;
/** After this long without an orderer, a submit has failed. */
const CLEAR_MS = 30_000;

const placeOf = ({ blockNumber, txId, name }: LedgerEvent): string =>
  `${blockNumber.toString()} ${txId} ${name}`;

/** One network of three organisations, which every test hurts and heals while streams come and go. */
describeIf(hasFabricPrograms(), NO_FABRIC, 'EKO on a Fabric network whose parts fail', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-faults-fabric-'));
  let network: FaultNetwork;
  let fabric: FabricFaults;
  let traffic: SteadyTraffic;

  beforeAll(async () => {
    const basePort = String(await freeBasePort());
    await ekoJson('fabric', 'up', '--directory', directory, '--base-port', basePort);
    network = await FaultNetwork.start({ ledger: { kind: 'fabric', directory } });
    fabric = new FabricFaults(directory, network.processes.network.channel);
  });
  beforeEach(() => {
    traffic = SteadyTraffic.start(network);
  });
  afterEach(async () => {
    // What a failed test left hurt must not fail the next.
    await fabric.heal();
    await traffic.stop();
    expect(traffic.unexplained).toEqual([]);
    expect(traffic.acknowledged).toBeGreaterThan(0);
    await untilTrue('every request settles', async () => (await network.unsettled()).length === 0, SETTLE_MS);
    const { violations, requests, receipts, ledger } = await checkedHistory(network);
    expect(violations).toEqual([]);
    expect(requests.pending).toEqual([]);
    expect(requests.active + requests.ended).toBeGreaterThanOrEqual(network.acknowledgedBundles.length);
    expect(receipts.read).toBeGreaterThan(0);
    expect(ledger.valid).toBeGreaterThan(0);
    expect(network.lost).toEqual([]);
  });
  afterAll(async () => {
    await network.stop();
    await eko('fabric', 'down', '--directory', directory);
    expect((await eko('fabric', 'reset', '--directory', directory)).status).toBe(0);
  });

  /** A new active bundle, requested through the client: a leader that is gone may have lost a first attempt. */
  async function activeBundle(streams = 1): Promise<string> {
    const requests = Array.from({ length: streams }, () => REQUEST);
    const bundleId = randomUUID();
    await network.initiator.client.requestStreams(FAULT_POLICY, requests, { bundleId });
    network.acknowledged(bundleId);
    await network.until(bundleId, 'active', SETTLE_MS);
    return bundleId;
  }

  /** A new stream becomes active, and both parties have its key. */
  async function expectService(): Promise<void> {
    expect(await network.keysAgree(await activeBundle())).toBe(true);
  }

  /** The ledger's own account, through the other organisation's peer: every event up to a transaction. */
  async function eventsUpTo(txId: string): Promise<readonly LedgerEvent[]> {
    const events: LedgerEvent[] = [];
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
    for await (const event of network.provider.ledger.events({ signal })) {
      events.push(event);
      if (event.txId === txId) stop.abort();
    }
    return events;
  }

  it('its gateway peer is killed and restarted mid-stream: data flows on, no event is lost or applied twice', async () => {
    const { initiator, provider } = network;
    const port = network.processes.network.nodes.find(({ nodeId }) => nodeId === 'provider')?.streamPort ?? 0;
    const echo = (connection: SecureStream): void => {
      // Its end is looked at from the other side.
      connection.on('error', () => undefined);
      connection.pipe(connection);
    };
    await provider.client.listen(echo, { host: '127.0.0.1', port });
    const stream = await initiator.client.requestStream(FAULT_POLICY, REQUEST);
    network.acknowledged(stream.bundleId);
    const connection = await stream.open();

    await fabric.kill('peer0.org1');
    expect(await echoed(connection, 'while it is down')).toBe('while it is down');
    await fabric.heal();
    await expectService();
    expect(await echoed(connection, 'and after')).toBe('and after');

    const { txId } = await provider.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'provider' });
    const places = (await eventsUpTo(txId)).map(placeOf);
    expect(new Set(places).size).toBe(places.length);
    for (const party of [initiator, provider]) {
      await untilTrue('the party sees the last event', () => party.events.some((each) => each.txId === txId));
      expect(party.events.map(placeOf).slice(0, places.length)).toEqual(places);
    }
    const ended = rejectionOf(once(connection, 'close', { signal: AbortSignal.timeout(20_000) }));
    await stream.revoke();
    expect((await ended).code).toBe('STREAM_ENDED');
  });

  it("another organisation's peer is down: streams come and go without it", async () => {
    await fabric.kill('peer0.org3');
    await expectService();
    const bundleId = await activeBundle();
    await (await network.provider.stream(bundleId)).revoke();
    expect((await network.read(bundleId)).ends).toMatchObject([{ reason: 'revoked' }]);
    await fabric.heal();
    await untilTrue('its witness is ready again', () => network.isReady('witness-3'), SETTLE_MS);
  });

  it('the leading orderer is killed: another one leads, and streams go on', async () => {
    const leader = await fabric.leader();
    await fabric.kill(leader);
    await expectService();
    expect(await fabric.leader()).not.toBe(leader);
    await fabric.heal();
    expect(await fabric.orderers()).toContain(leader);
  });

  it('the orderers have no quorum: submits fail clearly, witnesses release nothing, and all resumes', async () => {
    const { initiator } = network;
    const bundleId = await activeBundle();
    const permitTxId = await initiator.permit(bundleId, 0);
    // The one that leads stays, and gives its lead up: from then on it refuses what it cannot have ordered.
    const leader = await fabric.leader();
    const others = (await fabric.orderers()).filter((name) => name !== leader);
    await fabric.kill(...others);
    await fabric.untilLeaderless();

    const beat = initiator.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'initiator' });
    const refusal = await rejectionOf(withDeadline('an answer', { deadlineMs: CLEAR_MS }, () => beat));
    expect(refusal.code).toBe('LEDGER_UNAVAILABLE');

    for (const witness of WITNESSES) {
      await untilTrue(`${witness} is not ready`, async () => !(await network.isReady(witness)));
      const answer = await rejectionOf(initiator.askForShares(witness, { bundleId, index: 0, permitTxId }));
      expect(answer.code).toBe('STALE_LEDGER');
    }
    await fabric.heal();
    await expectService();
    for (const witness of WITNESSES)
      await untilTrue(`${witness} is ready again`, () => network.isReady(witness), SETTLE_MS);
  });

  it('the chaincode of its peer is killed: others write, its reads go on, and its writes wait for it', async () => {
    const { initiator, provider } = network;
    await fabric.kill('chaincode.peer0.org1');
    const refusal = await rejectionOf(
      initiator.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'initiator' }),
    );
    expect(refusal.code).toBe('LEDGER_UNAVAILABLE');
    await provider.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'provider' });
    expect(
      (await initiator.ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' })).entries,
    ).toHaveLength(WITNESSES.length);
    const waiting = activeBundle();
    await fabric.heal();
    expect(await network.keysAgree(await waiting)).toBe(true);
  });

  it('answers are lost: the commit status is looked up by its ID, and nothing is sent twice', async () => {
    const profile = await readFabricProfile(network.processes.layout.node('initiator').profile);
    const losing = newLosingClient(profile);
    const ledger = connectGatewayLedger({ profile, client: losing.client });
    try {
      const bundleId = randomUUID();
      const requests = [REQUEST];
      const argument = { bundleId, policy: FAULT_POLICY, requests };
      const { txId } = await ledger.submit(TRANSACTIONS.requestStreams, argument);
      network.acknowledged(bundleId);
      expect(losing.submits()).toBe(1);
      expect(losing.statusCalls()).toBe(2);
      expect((await network.until(bundleId, 'active', SETTLE_MS)).bundle.requestTxId).toBe(txId);
    } finally {
      ledger.close();
    }
  });

  it(`a revocation is valid at its first try among ${WRITERS} competing writers, and none of them after it`, async () => {
    const bundleId = await activeBundle(2);
    const { layout } = network.processes;
    const clients = await Promise.all(
      ['initiator', 'provider'].map((nodeId) => EndorsingClient.open(layout.node(nodeId).profile)),
    );
    const [initiator, provider] = clients;
    if (initiator === undefined || provider === undefined) throw new RangeError('there are two parties');
    try {
      const permits = Array.from({ length: WRITERS }, (_, n) => {
        const argument = { bundleId, epoch: 1, streams: [n % 2] };
        return (n % 4 < 2 ? initiator : provider).endorse(TRANSACTIONS.authorizeRelease, argument);
      });
      const writers = await Promise.all(permits);
      const revocation = await provider.endorse(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
      const half = WRITERS / 2;
      const early = writers.slice(0, half).map((writer) => writer.commit());
      const revoked = revocation.commit();
      const late = writers.slice(half).map((writer) => writer.commit());
      expect(await revoked).toBe(StatusCode.VALID);
      const codes = await Promise.all([...early, ...late]);
      const lost = codes.filter((code) => code !== StatusCode.VALID);
      expect(lost.filter((code) => code !== StatusCode.MVCC_READ_CONFLICT)).toEqual([]);
    } finally {
      for (const client of clients) client.close();
    }
  });

  it('what was endorsed before a revocation and is submitted after it is invalid', async () => {
    const { layout } = network.processes;
    const active = await activeBundle();
    const asked = randomUUID();
    const requests = [{ dataType: 'by-hand', permissions: ['read'] }];
    await network.initiator.ledger.submit(TRANSACTIONS.requestStreams, {
      bundleId: asked,
      policy: FAULT_POLICY,
      requests,
    });
    network.acknowledged(asked);
    const provider = await EndorsingClient.open(layout.node('provider').profile);
    try {
      const held = [
        await provider.endorse(TRANSACTIONS.authorizeRelease, {
          bundleId: active,
          epoch: 1,
          streams: [0],
        }),
        await provider.endorse(TRANSACTIONS.acceptStream, { bundleId: asked }),
      ];
      for (const bundleId of [active, asked])
        await network.initiator.ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
      for (const transaction of held) expect(await transaction.commit()).toBe(StatusCode.MVCC_READ_CONFLICT);
      const again = provider.endorse(TRANSACTIONS.acceptStream, { bundleId: asked });
      await expect(again).rejects.toMatchObject({ code: expect.any(Number) as unknown });
    } finally {
      provider.close();
    }
  });
});

/** What comes back of `text`. */
async function echoed(connection: SecureStream, text: string): Promise<string> {
  const coming = once(connection, 'data', { signal: AbortSignal.timeout(20_000) });
  connection.write(text);
  const chunks: unknown[] = await coming;
  return String(chunks[0]);
}
