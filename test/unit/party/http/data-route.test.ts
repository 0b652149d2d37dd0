import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { EkoError } from '@eko/protocol';
import type { EkoStream } from '@eko/sdk';
import { dataRoute } from '../../../../network/party/src/http/data-route';
import { Transfers } from '../../../../network/party/src/http/transfers';
import { rejectionOf } from '../../../support/coded-error';

const PATH = '/v1/streams/0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e/0/data';
const CUT = new EkoError('STREAM_CUT', 'what came may be a part');
const silent = (): void => undefined;

describe('a transfer whose connection is cut', () => {
  it.each([
    ['PUT', 'The other side broke off before it had confirmed that all has arrived'],
    ['GET', CUT.message],
  ])('tells its program what that means for it (%s)', async (method, message) => {
    const connection = new Duplex({ read: silent, write: (_chunk, _encoding, done) => done() });
    const route = dataRoute({
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- only handed on to open
      stream: () => ({}) as EkoStream,
      open: () => Promise.resolve(connection),
      transfers: new Transfers(),
      idleMs: 60_000,
    });
    const http11 = { httpVersionMajor: 1, httpVersionMinor: 1 };
    const request = Object.assign(new IncomingMessage(new Socket()), http11, { method, url: PATH });
    const response = new ServerResponse(request);
    const refused = rejectionOf(route.handle(request, response, new AbortController().signal));
    setImmediate(() => connection.destroy(CUT));
    const { code, message: told } = await refused;
    expect([code, told]).toEqual(['STREAM_CUT', message]);
  });
});
