import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { isEkoError } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, type LedgerEvent } from '@eko/protocol/ledger';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import type { EkoStream, SecureStream } from '@eko/sdk';
import { pause } from '@eko/sdk/node';
import { FAULT_POLICY, ProcessNetwork } from '../../support/processes/process-network';
import type { ProcessParty } from '../../support/processes/process-party';
import { until } from '../../support/until';
import { rejectionOf } from '../../support/coded-error';
import { seededRandom } from '../../support/random';

const LEDGER = 'ledger';
const KILLS = 2;
const REQUESTS = 3;
/** A submit takes about as long: kills fall before, within and after it. */
const MOST_DELAY_MS = 60;
const REQUEST = { dataType: 'file', permissions: ['read', 'write'] };

/** It has little patience with a silent ledger. */
const CAREFUL = 'witness-2';
const VIEW_BOUND_MS = 3_000;

const placeOf = ({ blockNumber, txId, name }: LedgerEvent): string =>
  `${blockNumber.toString()} ${txId} ${name}`;

describe('a ledger process that is killed or stands still', () => {
  let network: ProcessNetwork;

  beforeAll(async () => {
    network = await ProcessNetwork.start({ settings: { [CAREFUL]: { viewBoundMs: VIEW_BOUND_MS } } });
  }, 60_000);
  afterEach(async () => {
    network.thawAll();
    expect(await network.unsettled()).toEqual([]);
    expect(network.lost).toEqual([]);
  });
  afterAll(() => network.stop(), 30_000);

  /** An open stream whose provider sends everything back. */
  async function openEcho(): Promise<{ stream: EkoStream; connection: SecureStream }> {
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
    return { stream, connection: await stream.open() };
  }

  it('breaks no open stream and loses no request, and nobody misses or doubles an event', async () => {
    const { initiator, provider } = network;
    const { stream, connection } = await openEcho();
    const random = seededRandom(10);
    const bundleIds: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const requested = Array.from({ length: REQUESTS }, async () => {
        const bundleId = randomUUID();
        bundleIds.push(bundleId);
        await initiator.client.requestStream(FAULT_POLICY, REQUEST, { bundleId });
        network.acknowledged(bundleId);
      });
      await pause(random.below(MOST_DELAY_MS));
      await network.kill(LEDGER);
      expect(await echoed(connection, `after kill ${kill}`)).toBe(`after kill ${kill}`);
      await network.restart(LEDGER);
      await Promise.all(requested);
    }
    for (const bundleId of bundleIds) await network.until(bundleId, 'active');
    expect(await network.keysAgree(bundleIds.at(-1) ?? '')).toBe(true);

    const { txId } = await provider.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'provider' });
    const places = (await eventsUpTo(initiator, txId)).map(placeOf);
    expect(new Set(places).size).toBe(places.length);
    for (const party of [initiator, provider]) {
      await until('the party sees the last event', () => party.events.some((each) => each.txId === txId));
      const seen = party.events.map(placeOf);
      expect(seen.slice(0, places.length)).toEqual(places);
    }
    const requests = initiator.events.flatMap((event) =>
      event.name === EVENTS.streamsRequested ? [event.payload.bundle.bundleId] : [],
    );
    expect(requests.sort()).toEqual([stream.bundleId, ...bundleIds].sort());

    const ended = rejectionOf(once(connection, 'close', { signal: AbortSignal.timeout(10_000) }));
    await stream.revoke();
    expect((await ended).code).toBe('STREAM_ENDED');
  }, 120_000);

  it('gets no share released while it stands still, permit or not, and gets them again when it goes on', async () => {
    const { initiator } = network;
    const { bundleId } = await network.request();
    await network.until(bundleId, 'active');
    const ask = (permitTxId: string): Promise<ReleaseAnswer> =>
      initiator.askForShares(CAREFUL, { bundleId, index: 0, permitTxId });
    // It may be one of those that the quorum did not wait for.
    const first = await initiator.permit(bundleId, 0);
    await until('the witness has its share', () => ask(first).then(() => true, isWithoutShare));
    const permit = await initiator.permit(bundleId, 0);
    network.freeze(LEDGER);
    await until('the witness is not ready', async () => !(await network.isReady(CAREFUL)));
    const refusal = await rejectionOf(ask(permit));
    expect(refusal.code).toBe('STALE_LEDGER');

    network.thaw(LEDGER);
    await until('the witness is ready again', () => network.isReady(CAREFUL));
    expect(await ask(await initiator.permit(bundleId, 0))).toMatchObject({
      receipt: { witness: CAREFUL, bundleId },
    });
  }, 60_000);
});

function isWithoutShare(error: unknown): false {
  if (isEkoError(error, 'NOT_FOUND')) return false;
  throw error;
}

/** What comes back of `text`. */
async function echoed(connection: SecureStream, text: string): Promise<string> {
  const coming = once(connection, 'data', { signal: AbortSignal.timeout(10_000) });
  connection.write(text);
  const chunks: unknown[] = await coming;
  return String(chunks[0]);
}

/** The ledger's own account: every event from the first block to that transaction. */
async function eventsUpTo(party: ProcessParty, txId: string): Promise<readonly LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]);
  for await (const event of party.ledger.events({ signal })) {
    events.push(event);
    if (event.txId === txId) stop.abort();
  }
  return events;
}
