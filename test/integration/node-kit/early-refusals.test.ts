import { writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { BearerTokens, createLocalServer, peerRoute } from '@eko/node-kit';
import { Type } from '@sinclair/typebox';
import { startNodePair, type NodePair } from '../../support/in-process/node-pair';
import { outcomeOf } from '../../support/in-process/raw-connection';
import { RecordingLogger } from '../../support/simulated/recording-logger';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();
const limits = { requestMs: 300, headersMs: 200 };
const Text = Type.Object({ text: Type.String() }, { additionalProperties: false });
const routes = [
  peerRoute({ path: '/v1/take', body: Text, handle: async () => ({}) }),
  peerRoute({ path: '/v1/witnesses', body: Text, roles: ['witness'], handle: async () => ({}) }),
];

/** A request whose body begins and does not go on, on a connection that the caller would keep. */
const begun = (path: string, headers: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'host: x', ...headers, '', 'x'.repeat(10)].join('\r\n');
const JSON_OF_1000 = ['content-type: application/json', 'content-length: 1000'];

interface Heard {
  readonly text: string;
  readonly error: Error | undefined;
  /** Whether the other end had ended its side before the connection was over. */
  readonly hasEnded: boolean;
}

/** All that comes on a connection until it is over. */
function heard(socket: Socket, onText: () => void = () => undefined): Promise<Heard> {
  return new Promise((resolve) => {
    let text = '';
    let error: Error | undefined;
    let hasEnded = false;
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      text += piece;
      onText();
    });
    socket.once('end', () => (hasEnded = true));
    socket.on('error', (broken: Error) => (error = broken));
    socket.once('close', () => resolve({ text, error, hasEnded }));
  });
}

/** One answer, whole, that says that it is the last, and nothing behind it. */
function expectOneAnswer({ text, hasEnded }: Heard, status: number, code: string): void {
  const [head = '', ...bodies] = text.split('\r\n\r\n');
  expect(outcomeOf(text)).toEqual({ status, code });
  expect(head.toLowerCase()).toContain('\r\nconnection: close');
  expect(bodies).toHaveLength(1);
  expect(Number(/content-length: ([0-9]+)/i.exec(head)?.[1])).toBe(
    Buffer.byteLength(bodies[0] ?? '', 'latin1'),
  );
  expect(hasEnded).toBe(true);
}

describe('a refusal before the end of a body is the last word of its connection', () => {
  let pair: NodePair;
  let patient: NodePair;
  beforeAll(async () => {
    pair = await startNodePair({ routes, limits });
    patient = await startNodePair({ routes });
  });
  afterAll(async () => {
    await pair.close();
    await patient.close();
  });

  const dial = ({ port, clientTls } = pair, allowHalfOpen = false): Socket =>
    connect({
      socket: connectTcp({ host: '127.0.0.1', port, allowHalfOpen }),
      rejectUnauthorized: false,
      key: Buffer.from(clientTls.key),
      cert: clientTls.certificate,
    });

  it.each([
    ['no such route', begun('/v1/nothing', JSON_OF_1000), 404, 'NOT_FOUND'],
    ['another role', begun('/v1/witnesses', JSON_OF_1000), 403, 'FORBIDDEN'],
    [
      'too long a body',
      begun('/v1/take', ['content-type: application/json', 'content-length: 99999999']),
      413,
      'TOO_LARGE',
    ],
    [
      'another media type',
      begun('/v1/take', ['content-type: text/plain', 'content-length: 1000']),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'chunks without end',
      `${begun('/v1/nothing', ['content-type: application/json', 'transfer-encoding: chunked']).slice(0, -10)}ffff\r\nx`,
      404,
      'NOT_FOUND',
    ],
  ] as const)('between nodes, where it is %s', async (_what, text, status, code) => {
    const socket = dial();
    const over = heard(socket);
    socket.write(text);
    expectOneAnswer(await over, status, code);
  });

  it('reaches a caller that goes on sending and reads only then', async () => {
    const socket = dial();
    socket.pause();
    const over = heard(socket);
    socket.pause();
    socket.write(begun('/v1/nothing', ['content-type: application/json', 'content-length: 600010']));
    for (let sent = 0; sent < 6; sent += 1)
      await new Promise((resolve) => socket.write('x'.repeat(100_000), resolve));
    socket.resume();
    const all = await over;
    expectOneAnswer(all, 404, 'NOT_FOUND');
    expect(all.error).toBeUndefined();
  });

  it.each([
    ['as fast as it can', 65_536],
    ['byte for byte', 1],
  ])('is cut off where the caller goes on without end, %s', async (_how, pieceBytes) => {
    const socket = dial(patient, true);
    const piece = 'x'.repeat(pieceBytes);
    const send = (): void => {
      if (socket.destroyed) return;
      socket.write(piece, (error) => {
        if (error === null || error === undefined) setImmediate(send);
      });
    };
    const over = heard(socket);
    socket.write(begun('/v1/nothing', ['content-type: application/json', 'content-length: 9999999999']));
    send();
    expectOneAnswer(await over, 404, 'NOT_FOUND');
  });

  it('gives a caller of ours the code, and its next call an answer', async () => {
    const call = { node: pair.record, answerSchema: Type.Object({}), deadlineMs: 5_000 };
    const body = { text: 'x'.repeat(5_000_000) };
    for (const [route, code] of [
      ['/v1/nothing', 'NOT_FOUND'],
      ['/v1/witnesses', 'FORBIDDEN'],
      ['/v1/take', 'TOO_LARGE'],
    ] as const)
      await expect(pair.client.call({ ...call, route, body })).rejects.toMatchObject({ code });
    await expect(pair.client.call({ ...call, route: '/v1/take', body: { text: 'x' } })).resolves.toEqual({});
  });

  it('leaves the connection open where the body was read', async () => {
    const socket = dial();
    const over = heard(socket, () => socket.destroy());
    socket.write(begun('/v1/take', ['content-type: application/json', 'content-length: 10']));
    const { text } = await over;
    expect(outcomeOf(text)).toEqual({ status: 400, code: 'INVALID_ARGUMENT' });
    expect(text.toLowerCase()).not.toContain('connection: close');
  });

  it('is so at a local server', async () => {
    const file = join(newFolder(), 'api.token');
    writeFileSync(file, 'T'.repeat(43), { mode: 0o600 });
    const tokens = BearerTokens.read(file);
    const server = await createLocalServer({ routes: [], tokens, limits, logger: new RecordingLogger() });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const socket = connectTcp({ host: '127.0.0.1', port });
    const over = heard(socket);
    socket.write(begun('/v1/nothing', JSON_OF_1000));
    expectOneAnswer(await over, 401, 'UNAUTHENTICATED');
    await server.close();
  });
});
