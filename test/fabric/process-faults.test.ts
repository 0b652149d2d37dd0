import { once } from 'node:events';
import { TRANSACTIONS, type LedgerEvent } from '@eko/protocol/ledger';
import type { SecureStream } from '@eko/sdk';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { FILE_REQUEST, SETTLE_MS, faultyNetwork } from './faulty-network';
import { FAULT_POLICY } from '../support/processes/process-network';
import { until } from '../support/until';
import { rejectionOf } from '../support/coded-error';
import { describeIf } from '../support/skip';

jest.setTimeout(180_000);

const placeOf = ({ blockNumber, txId, name }: LedgerEvent): string =>
  `${blockNumber.toString()} ${txId} ${name}`;

describeIf(hasFabricPrograms(), NO_FABRIC, 'EKO on a Fabric network whose peers fail', () => {
  const at = faultyNetwork();

  /** The ledger's own account, through the other organisation's peer: every event up to a transaction. */
  async function eventsUpTo(txId: string): Promise<readonly LedgerEvent[]> {
    const events: LedgerEvent[] = [];
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
    for await (const event of at().network.provider.ledger.events({ signal })) {
      events.push(event);
      if (event.txId === txId) stop.abort();
    }
    return events;
  }

  it('its gateway peer is killed and restarted mid-stream: data flows on, no event is lost or applied twice', async () => {
    const { initiator, provider } = at().network;
    const port =
      at().network.processes.network.nodes.find(({ nodeId }) => nodeId === 'provider')?.streamPort ?? 0;
    const echo = (connection: SecureStream): void => {
      // Its end is looked at from the other side.
      connection.on('error', () => undefined);
      connection.pipe(connection);
    };
    await provider.client.listen(echo, { host: '127.0.0.1', port });
    const stream = await initiator.client.requestStream(FAULT_POLICY, FILE_REQUEST);
    at().network.acknowledged(stream.bundleId);
    const connection = await stream.open();

    await at().fabric.kill('peer0.org1');
    expect(await echoed(connection, 'while it is down')).toBe('while it is down');
    await at().fabric.heal();
    expect(await at().isServing()).toBe(true);
    expect(await echoed(connection, 'and after')).toBe('and after');

    const { txId } = await provider.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'provider' });
    const places = (await eventsUpTo(txId)).map(placeOf);
    expect(new Set(places).size).toBe(places.length);
    for (const party of [initiator, provider]) {
      await until('the party sees the last event', () => party.events.some((each) => each.txId === txId));
      expect(party.events.map(placeOf).slice(0, places.length)).toEqual(places);
    }
    const ended = rejectionOf(once(connection, 'close', { signal: AbortSignal.timeout(20_000) }));
    await stream.revoke();
    expect((await ended).code).toBe('STREAM_ENDED');
  });

  it("another organisation's peer is down: streams come and go without it", async () => {
    await at().fabric.kill('peer0.org3');
    expect(await at().isServing()).toBe(true);
    const bundleId = await at().activeBundle();
    await (await at().network.provider.stream(bundleId)).revoke();
    // It is read through another peer, which may have the block a moment later.
    const ends = await until('its end is read', async () => {
      const view = await at().network.read(bundleId);
      return view.ends.length === 0 ? undefined : view.ends;
    });
    expect(ends).toMatchObject([{ reason: 'revoked' }]);
    await at().fabric.heal();
    await until('its witness is ready again', () => at().network.isReady('witness-3'), SETTLE_MS);
  });

  it('the chaincode of its peer is killed: others write, its reads go on, and its writes wait for it', async () => {
    const { initiator, provider } = at().network;
    await at().fabric.kill('chaincode.peer0.org1');
    const refusal = await rejectionOf(
      initiator.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'initiator' }),
    );
    expect(refusal.code).toBe('LEDGER_UNAVAILABLE');
    await provider.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'provider' });
    expect(
      (await initiator.ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' })).entries,
    ).toHaveLength(FAULT_POLICY.witnesses.count);
    const waiting = at().activeBundle();
    await at().fabric.heal();
    expect(await at().network.keysAgree(await waiting)).toBe(true);
  });
});

/** What comes back of `text`. */
async function echoed(connection: SecureStream, text: string): Promise<string> {
  const coming = once(connection, 'data', { signal: AbortSignal.timeout(20_000) });
  connection.write(text);
  const chunks: unknown[] = await coming;
  return String(chunks[0]);
}
