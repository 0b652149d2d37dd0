import { randomBytes } from 'node:crypto';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text as bodyText } from 'node:stream/consumers';
import { EkoError, type ErrorCode } from '@eko/protocol';
import type { ByteTarget } from '../../../../client-sdk/command/src/files/device';
import { openSource, type OpenedSource } from '../../../../client-sdk/command/src/files/open-source';
import { PartyApi } from '../../../../client-sdk/sdk/src/rest/party-api';
import { receiveAll, sendAll } from '../../../../client-sdk/sdk/src/rest/transfer';
import { TransferClient } from '../../../../client-sdk/sdk/src/rest/transfer-client';
import {
  failedTransfer,
  json,
  scriptedParty,
  sentOf,
  totalsOf,
  transferOf,
  type Script,
} from '../../../support/simulated/scripted-party';
import { rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const STREAM = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e/0';
const DATA = randomBytes(300_001);
const silent = (): void => undefined;
const newFolder = temporaryFolders();

/** A target that notes what is done to it among the calls of the party. */
class NotedTarget implements ByteTarget {
  readonly chunks: Buffer[] = [];
  readonly #calls: string[];

  constructor(calls: string[]) {
    this.#calls = calls;
  }

  write(chunk: Uint8Array): Promise<void> {
    this.chunks.push(Buffer.from(chunk));
    return Promise.resolve();
  }

  keep(): Promise<void> {
    this.#calls.push('kept');
    return Promise.resolve();
  }

  drop(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a transfer', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });
  const withParty = async (script: Script) => {
    const { access, calls, close } = await scriptedParty(script);
    closers.push(close);
    const stop = new AbortController();
    const client = new TransferClient(access, new PartyApi(access, stop.signal));
    const options = { waitSeconds: 5, signal: stop.signal, onOpen: silent };
    const target = new NotedTarget(calls);
    const source = (stream: Readable) => ({ name: 'letter.txt', stream });
    return {
      calls,
      stop,
      target,
      send: (stream: Readable) => sendAll(client, STREAM, source(stream), silent, options),
      sendFrom: (from: OpenedSource) => sendAll(client, STREAM, from, silent, options),
      receive: (to: ByteTarget = target) => receiveAll(client, STREAM, to, silent, options),
    };
  };
  const takesAll: Script = {
    'PUT data': async (request, response) => {
      response.writeContinue();
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      json(response, sentOf(Buffer.concat(chunks)));
    },
  };
  const gives = (totals: { bytes: number; sha256: string } = totalsOf(DATA)): Script[string] => {
    return (_request, response) => {
      response.writeHead(200, { trailer: 'eko-bytes, eko-sha256' });
      response.write(DATA);
      response.addTrailers({ 'eko-bytes': String(totals.bytes), 'eko-sha256': totals.sha256 });
      response.end();
    };
  };
  const failed = (code: ErrorCode): Script[string] => {
    return (_request, response) => json(response, failedTransfer(code));
  };

  it('sends every byte, and says what the other side has', async () => {
    const { send } = await withParty(takesAll);
    expect(await send(Readable.from([DATA.subarray(0, 10), DATA.subarray(10)]))).toMatchObject(
      totalsOf(DATA),
    );
  });

  it('keeps what it received before it says so', async () => {
    let confirmed = '';
    const { receive, target, calls } = await withParty({
      'GET data': gives(),
      'POST confirm': async (request, response) => {
        confirmed = await bodyText(request);
        json(response, transferOf({ state: 'done' }));
      },
    });
    expect(await receive()).toMatchObject(totalsOf(DATA));
    expect(JSON.parse(confirmed)).toEqual(totalsOf(DATA));
    expect(Buffer.concat(target.chunks).equals(DATA)).toBe(true);
    expect(calls).toEqual(['GET data', 'kept', 'POST confirm']);
  });

  it('is received, though the other side could not be told', async () => {
    const { receive } = await withParty({
      'GET data': gives(),
      'POST confirm': (_request, response) =>
        json(response, { code: 'STREAM_ENDED', detail: 'revoked' }, 410),
    });
    expect(await receive()).toMatchObject({ ...totalsOf(DATA), untold: { code: 'STREAM_ENDED' } });
  });

  it('is not received where the party has counted something else', async () => {
    const { receive, calls } = await withParty({
      'GET data': gives({ ...totalsOf(DATA), sha256: '0'.repeat(64) }),
      'POST confirm': (_request, response) => json(response, transferOf({ state: 'done' })),
    });
    expect((await rejectionOf(receive())).code).toBe('CORRUPT_RECORD');
    expect(calls).toEqual(['GET data']);
  });

  it('is not received where it breaks, and the party says why', async () => {
    const { receive, calls } = await withParty({
      'GET data': (_request, response) => {
        response.writeHead(200);
        response.write(DATA, () => response.destroy());
      },
      'GET transfer': failed('STREAM_ENDED'),
    });
    expect((await rejectionOf(receive())).code).toBe('STREAM_ENDED');
    expect(calls).toEqual(['GET data', 'GET transfer']);
  });

  it('is not sent where it breaks, and the party says why', async () => {
    const { send } = await withParty({
      'PUT data': (request, response) => {
        response.writeContinue();
        request.once('data', () => request.socket.destroy());
      },
      'GET transfer': failed('STREAM_CUT'),
    });
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    expect((await rejectionOf(send(endless))).code).toBe('STREAM_CUT');
  });

  it('ends at once where the party refuses in the middle, though the source says nothing', async () => {
    const { send } = await withParty({
      'PUT data': (request, response) => {
        response.writeContinue();
        request.once('data', () => json(response, { code: 'STREAM_ENDED', detail: 'revoked' }, 410));
      },
    });
    const silentSource = new Readable({ read: silent });
    silentSource.push('and then nothing');
    expect((await rejectionOf(send(silentSource))).code).toBe('STREAM_ENDED');
  });

  it('does not take a source that breaks for one that ends', async () => {
    const { send } = await withParty(takesAll);
    const broken = new Readable({
      read() {
        this.destroy(Object.assign(new Error('is a directory'), { code: 'EISDIR' }));
      },
    });
    expect(await rejectionOf(send(broken))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'letter.txt cannot be read to its end (EISDIR)',
    });
  });

  it('does not take a file that becomes shorter for one that ends', async () => {
    const { sendFrom } = await withParty(takesAll);
    const file = join(newFolder(), 'letter.txt');
    writeFileSync(file, DATA);
    const source = await openSource(file);
    truncateSync(file, DATA.length - 1);
    expect(await rejectionOf(sendFrom(source))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { file },
    });
  });

  it('sends a file that grows as far as it has come', async () => {
    const { sendFrom } = await withParty(takesAll);
    const file = join(newFolder(), 'letter.txt');
    writeFileSync(file, DATA);
    const source = await openSource(file);
    appendFileSync(file, 'and more');
    expect((await sendFrom(source)).bytes).toBeGreaterThanOrEqual(DATA.length);
  });

  it('blames what it cannot write to on nobody else', async () => {
    const { receive } = await withParty({ 'GET data': gives() });
    const full: ByteTarget = {
      write: () => Promise.reject(new EkoError('STORE_FULL', 'no room')),
      keep: () => Promise.resolve(),
      drop: () => Promise.resolve(),
    };
    expect((await rejectionOf(receive(full))).code).toBe('STORE_FULL');
  });

  it('is cancelled where it is stopped, whatever it waits for', async () => {
    const { send, receive, stop, calls } = await withParty({});
    const ends = [rejectionOf(send(Readable.from([DATA]))), rejectionOf(receive())];
    while (calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    for (const end of ends) expect((await end).code).toBe('CANCELLED');
  });
});
