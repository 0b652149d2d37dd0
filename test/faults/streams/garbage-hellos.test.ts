import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { closeOf } from '../../support/streams/read-to-end';
import { startStreamPair } from '../../support/streams/stream-pair';

jest.setTimeout(60_000);

const HELLOS = 2_000;
const AT_A_TIME = 100;
const unlimited = { perSecond: 1e6, burst: 1e6, addresses: 10 };

/**
 * What strangers send: noise, an HTTP request, a record of impossible length; they stay and wait for an answer. The
 * noise starts like no record of any version: for the rest of one the server would rightly wait.
 */
const PATIENT: readonly (() => Buffer)[] = [
  () => Buffer.concat([Buffer.of(0x00, 0x00), randomBytes(298)]),
  () => Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
  () => Buffer.from('160301ffff', 'hex'),
];

/** A cut ClientHello, one in the form of SSL 2, and nothing at all; they hang up. */
const HASTY: readonly (() => Buffer)[] = [
  () => Buffer.concat([Buffer.from('818001', 'hex'), randomBytes(297)]),
  () => Buffer.concat([Buffer.from('160301012c01000128', 'hex'), randomBytes(200)]),
  () => Buffer.alloc(0),
];

/** Sends garbage and waits until the server has closed. */
async function greetBadly(port: number, index: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const closed = closeOf(socket.resume());
  const kind = index % (PATIENT.length + HASTY.length);
  const patient = PATIENT[kind];
  if (patient === undefined) socket.end(HASTY[kind - PATIENT.length]?.() ?? '');
  else socket.write(patient());
  await closed;
}

describe('a stream server under garbage', () => {
  it(`survives ${HELLOS} garbage hellos, keeps none of them, and serves on`, async () => {
    const pair = await startStreamPair({ limits: { perAddress: unlimited } });
    for (let sent = 0; sent < HELLOS; sent += AT_A_TIME)
      await Promise.all(Array.from({ length: AT_A_TIME }, (_, i) => greetBadly(pair.port, sent + i)));
    await pair.refused(HELLOS);
    expect(pair.server.connections).toEqual({ pending: 0, live: 0 });
    expect(new Set(pair.refusals)).toEqual(new Set(['handshake']));
    const { provider } = await pair.open();
    expect(provider.destroyed).toBe(false);
    expect(pair.accepted).toHaveLength(1);
    await pair.close();
  });

  it('turns away an address that connects too often', async () => {
    const pair = await startStreamPair({ limits: { perAddress: { perSecond: 0, burst: 5, addresses: 10 } } });
    await Promise.all(Array.from({ length: 40 }, (_, index) => greetBadly(pair.port, index)));
    await pair.refused(40);
    expect(pair.refusals.filter((refusal) => refusal === 'rate')).toHaveLength(35);
    await expect(pair.connect()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' });
    await pair.close();
  });

  it('keeps a bounded number of handshakes pending', async () => {
    const pair = await startStreamPair({ limits: { pendingHandshakes: 3 } });
    const sockets = Array.from({ length: 10 }, () =>
      connect(pair.port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    );
    const closed = Promise.all(sockets.map(closeOf));
    await pair.refused(7);
    expect(pair.refusals).toEqual(Array(7).fill('pending'));
    expect(pair.server.connections.pending).toBe(3);
    for (const socket of sockets) socket.destroy();
    await closed;
    await pair.refused(10);
    await expect(pair.connect()).resolves.toBeDefined();
    await pair.close();
  });
});
