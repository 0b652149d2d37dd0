import { once } from 'node:events';
import { EkoError, type StreamRequest } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import type { EkoClient, EkoStream, ProviderListener, SecureStream } from '@eko/sdk';
import { INITIATOR, PROVIDER } from '../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../support/simulated/client-harness';
import { readToEnd } from '../../support/in-process/read-to-end';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read', 'write'] };
const LOCAL = { host: '127.0.0.1', port: 0 };

describe('EkoClient', () => {
  let harness: ClientHarness;
  let initiator: EkoClient;
  let provider: EkoClient;
  let listener: ProviderListener | undefined;
  const opened: Promise<{ connection: SecureStream; stream: EkoStream }>[] = [];

  beforeEach(async () => {
    harness = new ClientHarness();
    initiator = await harness.connect(INITIATOR);
    provider = await harness.connect(PROVIDER);
    listener = undefined;
    opened.length = 0;
  });
  afterEach(async () => {
    await Promise.all([initiator.close(), provider.close()]);
  });

  /** The provider echoes. */
  async function serve(): Promise<void> {
    listener = await provider.listen((connection) => {
      connection.pipe(connection);
    }, LOCAL);
    harness.register(`${listener.address.host}:${listener.address.port}`);
  }

  it('takes a request to an open stream whose bytes arrive both ways', async () => {
    await serve();
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    expect(stream.role).toBe('initiator');
    await stream.whenActive();
    const connection = await stream.open();
    connection.end('some bytes');
    expect((await readToEnd(connection)).toString()).toBe('some bytes');
    expect(provider.stream(stream.id).role).toBe('provider');
  });

  it('gives both ends the same exported key, and other labels other keys', async () => {
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    const keyOf = async (of: EkoStream, label: string): Promise<string> =>
      (await of.exportKey(label, 32)).use((bytes) => Buffer.from(bytes).toString('hex'));
    const theirs = provider.stream(stream.id);
    await theirs.whenActive();
    const key = await keyOf(stream, 'archive');
    expect(await keyOf(theirs, 'archive')).toBe(key);
    expect(await keyOf(stream, 'backup')).not.toBe(key);
    expect(key).not.toBe(harness.epochKey(stream.bundleId, 0));
  });

  it('opens every stream of a bundle after one round of collection', async () => {
    await serve();
    const streams = await initiator.requestStreams(
      harness.policy,
      Array.from({ length: 20 }, () => REQUEST),
    );
    const answers = await Promise.all(
      streams.map(async (stream) => {
        const connection = await stream.open();
        connection.end(stream.id);
        return (await readToEnd(connection)).toString();
      }),
    );
    expect(answers).toEqual(streams.map(({ id }) => id));
    const witnesses = new Set(harness.networks.get(INITIATOR)?.releases.map(({ witness }) => witness));
    expect(harness.networks.get(INITIATOR)?.releases.length).toBe(witnesses.size);
  });

  it('closes both ends at once on a revocation, wipes the keys, and attests it', async () => {
    const atProvider = new Promise<SecureStream>((resolve) => {
      void provider.listen(resolve, LOCAL).then((it) => {
        harness.register(`127.0.0.1:${it.address.port}`);
      });
    });
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    const connection = await stream.open();
    const theirs = await atProvider;
    const closed = Promise.all([
      once(connection, 'error').then(([error]: unknown[]) => error),
      once(theirs, 'error').then(([error]: unknown[]) => error),
    ]);
    const reasons: string[] = [];
    stream.onEnd(({ reason }) => {
      reasons.push(`${reason}, connection destroyed: ${connection.destroyed}`);
    });
    const attested = harness.nextAttestation().then(() => harness.nextAttestation());
    await provider.stream(stream.id).revoke('no longer needed');
    expect(await closed).toMatchObject([{ code: 'STREAM_ENDED' }, { code: 'STREAM_ENDED' }]);
    expect(reasons).toEqual(['revoked, connection destroyed: true']);
    await attested;
    expect(harness.attestations.map(({ nodeId }) => nodeId).sort()).toEqual([INITIATOR, PROVIDER]);
    expect(harness.attestations[0]?.destructions).toEqual([
      { bundleId: stream.bundleId, epoch: 1, streams: [0] },
    ]);
    await expect(stream.open()).rejects.toMatchObject({ code: 'STREAM_ENDED' });
    await expect(stream.exportKey('archive', 32)).rejects.toMatchObject({ code: 'STREAM_ENDED' });
    expect(stream.status.end).toMatchObject({ reason: 'revoked', note: 'no longer needed' });
  });

  it('ends a completed stream, twice without an error', async () => {
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await stream.complete();
    await stream.complete();
    expect(stream.state).toBe('ended');
    await expect(stream.whenActive()).rejects.toMatchObject({
      code: 'STREAM_ENDED',
      details: { reason: 'completed' },
    });
  });

  it('rebuilds the keys after a restart with a permit of its own', async () => {
    await serve();
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    (await stream.open()).destroy();
    await initiator.close();
    initiator = await harness.connect(INITIATOR);
    const connection = await initiator.stream(stream.id).open();
    connection.end('again');
    expect((await readToEnd(connection)).toString()).toBe('again');
    expect(harness.ledger.calls.filter(({ name }) => name === TRANSACTIONS.authorizeRelease)).toHaveLength(1);
  });

  it('refuses a byte in a direction that the request does not name, to its own program, and says so', async () => {
    const refused: unknown[] = [];
    const observer = { onDirectionRefused: (...of: readonly unknown[]) => void refused.push(of) };
    await initiator.close();
    initiator = await harness.connect(INITIATOR, { observer });
    await serve();
    const stream = await initiator.requestStream(harness.policy, {
      ...REQUEST,
      permissions: ['read', 'app:x'],
    });
    const connection = await stream.open();
    const told = await new Promise((resolve) => connection.once('error', resolve).write('x'));
    expect(told).toMatchObject({ code: 'DIRECTION_NOT_GRANTED' });
    expect(refused).toEqual([[stream.id, 'outgoing']]);
  });

  it('opens no more connections than the policy names', async () => {
    await serve();
    const stream = await initiator.requestStream({ ...harness.policy, maxConnections: 1 }, REQUEST);
    const connection = await stream.open();
    await expect(stream.open()).rejects.toMatchObject({ code: 'CONNECTION_LIMIT' });
    connection.destroy();
    await once(connection, 'close');
    (await stream.open()).destroy();
  });

  it('serves streams that were active before the provider listened', async () => {
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await serve();
    const connection = await stream.open();
    connection.end('late');
    expect((await readToEnd(connection)).toString()).toBe('late');
  });

  it('attests after a restart what was not attested before, once', async () => {
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await Promise.all([initiator.close(), provider.close()]);
    await harness.ledger.submit(TRANSACTIONS.revokeStream, { bundleId: stream.bundleId, streams: 'all' });
    const attested = harness.nextAttestation();
    initiator = await harness.connect(INITIATOR);
    await attested;
    await initiator.close();
    initiator = await harness.connect(INITIATOR);
    const next = await initiator.requestStream(harness.policy, REQUEST);
    const second = harness.nextAttestation();
    await next.whenActive();
    await next.revoke();
    await second;
    expect(
      harness.attestations.map(({ destructions }) => destructions.map(({ bundleId }) => bundleId)),
    ).toEqual([[stream.bundleId], [next.bundleId]]);
  });

  it('answers a repeated request with the same streams', async () => {
    const bundleId = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';
    const first = await initiator.requestStream(harness.policy, REQUEST, { bundleId });
    const second = await initiator.requestStream(harness.policy, REQUEST, { bundleId });
    expect(second.id).toBe(first.id);
    expect(initiator.bundles.all()).toHaveLength(1);
  });

  it('asks again by the same bundle when the answer to a request was lost', async () => {
    let losses = 2;
    const submit = harness.ledger.submit.bind(harness.ledger);
    harness.ledger.submit = async (name, argument, limits) => {
      const committed = await submit(name, argument, limits);
      if (name !== TRANSACTIONS.requestStreams || losses === 0) return committed;
      losses -= 1;
      throw new EkoError('COMMIT_UNKNOWN', 'lost');
    };
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    expect(initiator.bundles.all()).toHaveLength(1);
  });

  it.each([
    ['committed, and its answer was lost', 'COMMIT_UNKNOWN', true],
    ['lost with the orderer that took it', 'COMMIT_UNKNOWN', false],
    ['not endorsed by peers at different heights', 'LEDGER_CONFLICT', false],
  ] as const)('revokes again what was %s', async (_what, code, commits) => {
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    const submit = harness.ledger.submit.bind(harness.ledger);
    let sent = 0;
    harness.ledger.submit = async (name, argument, limits) => {
      if (name !== TRANSACTIONS.revokeStream) return submit(name, argument, limits);
      sent += 1;
      if (sent > 1) return submit(name, argument, limits);
      if (commits) await submit(name, argument, limits);
      throw new EkoError(code, 'lost');
    };
    await stream.revoke();
    expect(sent).toBe(2);
    expect(stream.status).toMatchObject({ state: 'ended', end: { reason: 'revoked' } });
  });

  it('refuses keys that are not registered, and nodes that do not exist', async () => {
    const keys = { ...harness.keysOf(INITIATOR), kem: harness.keysOf(PROVIDER).kem };
    await expect(harness.connect(INITIATOR, { keys })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    const unknown = { ...harness.keysOf(INITIATOR), nodeId: 'nobody' };
    await expect(harness.connect(INITIATOR, { keys: unknown })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const witness = harness.keysOf('witness-1');
    await expect(harness.connect(INITIATOR, { keys: witness })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });

  it('leaves no subscription behind when it closes or cannot connect', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(harness.connect(INITIATOR, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await Promise.all([initiator.close(), provider.close()]);
    expect(harness.ledger.subscriptions).toBe(0);
    const stream = initiator.bundles.all();
    expect(stream).toEqual([]);
  });

  it('ends waits with CANCELLED when it closes', async () => {
    harness.dealsAtOnce = false;
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    const waiting = stream.whenActive();
    await Promise.all([initiator.close(), expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })]);
  });
});
