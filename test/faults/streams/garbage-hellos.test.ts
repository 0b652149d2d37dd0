import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { closeOf } from '../../support/in-process/read-to-end';
import { startStreamPair } from '../../support/in-process/stream-pair';

jest.setTimeout(60_000);

const HELLOS = 2_000;
const AT_A_TIME = 100;

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
    const pair = await startStreamPair();
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

  it('keeps a bounded number of handshakes pending, of which the oldest make room', async () => {
    const pair = await startStreamPair({ limits: { pendingHandshakes: 3 } });
    const sockets = await silent(pair.port, 10);
    const closed = Promise.all(sockets.map(gone));
    await pair.refused(7);
    expect(pair.refusals).toEqual(Array(7).fill('crowded'));
    expect(pair.server.connections.pending).toBe(3);
    // The rightful initiator is the newest.
    await expect(pair.connect()).resolves.toBeDefined();
    for (const socket of sockets) socket.destroy();
    await closed;
    await pair.close();
  });

  it('lets an address have its share of them, and takes no more from the others', async () => {
    const pair = await startStreamPair({ limits: { pendingHandshakes: 6, pendingEach: 4 } });
    const patient = await silent(pair.port, 2, '127.0.0.3');
    const sockets = await silent(pair.port, 20, '127.0.0.2');
    const closed = Promise.all([...sockets, ...patient].map(gone));
    await pair.refused(16);
    expect(pair.refusals).toEqual(Array(16).fill('crowded'));
    expect(patient.some((socket) => socket.destroyed)).toBe(false);
    await expect(pair.connect()).resolves.toBeDefined();
    for (const socket of [...sockets, ...patient]) socket.destroy();
    await closed;
    await pair.close();
  });
});

const gone = async (socket: Socket): Promise<unknown> => socket.closed || once(socket, 'close');

/** Connections that say nothing. */
async function silent(port: number, count: number, localAddress = '127.0.0.1'): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let made = 0; made < count; made += 1) {
    const socket = connect({ host: '127.0.0.1', port, localAddress }).on('error', () => undefined);
    sockets.push(socket.resume());
    await once(socket, 'connect');
  }
  return sockets;
}
