import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TransferDocument } from '@eko/protocol/rest';
import type { ByteTarget } from '../../../../client-sdk/command/src/files/device';
import { openDataConnection } from '../../../../client-sdk/sdk/src/rest/data-connection';
import { PartyApi } from '../../../../client-sdk/sdk/src/rest/party-api';
import { receiveAll, sendAll } from '../../../../client-sdk/sdk/src/rest/transfer';
import { TransferClient } from '../../../../client-sdk/sdk/src/rest/transfer-client';
import type { WatchTimes } from '../../../../client-sdk/sdk/src/rest/party-watch';
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

const STREAM = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e/0';
const DATA = randomBytes(100_001);
const silent = (): void => undefined;
const nowhere: ByteTarget = {
  write: () => Promise.resolve(),
  keep: () => Promise.resolve(),
  drop: () => Promise.resolve(),
};
/** Asks soon and gives up soon. */
const SHORT: WatchTimes = { quietMs: 20, answerMs: 100, graceMs: 60_000 };
/** Asks soon, and gives up only after the test. */
const LONG: WatchTimes = { ...SHORT, answerMs: 50_000 };
/** Never asks. */
const TRUSTING: WatchTimes = { quietMs: 50_000, answerMs: 50_000, graceMs: 50 };

describe('a party that does not answer any more', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });
  const withParty = async (times: WatchTimes, script: Script, waitSeconds = 3_600) => {
    const { access, calls, close } = await scriptedParty(script);
    closers.push(close);
    const { signal } = new AbortController();
    const api = new PartyApi(access, signal);
    const client = new TransferClient(access, api, times);
    const options = { waitSeconds, signal, onOpen: silent };
    return {
      access,
      api,
      calls,
      send: (stream: Readable) => sendAll(client, STREAM, { name: 'letter', stream }, silent, options),
      receive: (target = nowhere) => receiveAll(client, STREAM, target, silent, options),
    };
  };
  const states = (...given: readonly TransferDocument['state'][]): Script[string] => {
    const left = [...given];
    return (_request, response) => {
      const state = (left.length > 1 ? left.shift() : left[0]) ?? 'waiting';
      json(response, transferOf({ state }));
    };
  };
  const hangs = { code: 'DEADLINE_EXCEEDED', details: { next: expect.stringContaining('party') as string } };

  it('ends the wait for the other side, with its own reason and what to do', async () => {
    const { send, receive, calls } = await withParty(SHORT, {});
    for (const end of [send(Readable.from([DATA])), receive()])
      expect(await rejectionOf(end)).toMatchObject(hangs);
    expect(calls).toContain('GET transfer');
  });

  it('ends a transfer in the middle', async () => {
    const { send, receive } = await withParty(SHORT, {
      'PUT data': (_request, response) => response.writeContinue(),
      'GET data': (_request, response) => {
        response.writeHead(200);
        response.write(DATA);
      },
    });
    const quiet = new Readable({ read: silent });
    quiet.push('and then nothing');
    for (const end of [send(quiet), receive()]) expect(await rejectionOf(end)).toMatchObject(hangs);
  });

  it('ends the wait for its confirmation', async () => {
    const { send } = await withParty(SHORT, {
      'PUT data': (request, response) => {
        response.writeContinue();
        request.resume();
      },
    });
    expect(await rejectionOf(send(Readable.from([DATA])))).toMatchObject(hangs);
  });

  it('is waited for as long as it says that it lives', async () => {
    let isOpen = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    let asked = 0;
    const { send } = await withParty(LONG, {
      'PUT data': async (request, response) => {
        await opened;
        response.writeContinue();
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        json(response, sentOf(Buffer.concat(chunks)));
      },
      'GET transfer': (_request, response) => {
        asked += 1;
        if (asked === 5) isOpen();
        // What it refuses it answers as well.
        if (asked % 2 === 0) json(response, { code: 'RATE_LIMITED', detail: 'later' }, 429);
        else json(response, transferOf({ state: 'waiting' }));
      },
    });
    expect(await send(Readable.from([DATA]))).toMatchObject(totalsOf(DATA));
    expect(asked).toBeGreaterThanOrEqual(5);
  });

  it('is believed when it says why a transfer failed', async () => {
    const { receive } = await withParty(LONG, {
      'GET transfer': (_request, response) => json(response, failedTransfer('STREAM_ENDED', 'revoked')),
    });
    expect((await rejectionOf(receive())).code).toBe('STREAM_ENDED');
  });

  it('is not waited for where it has forgotten the transfer, or says that it is over and no more', async () => {
    const forgets: Script[string] = (_request, response) =>
      json(response, { code: 'NOT_FOUND', detail: 'no such transfer' }, 404);
    for (const answer of [forgets, states('open', 'done')]) {
      const { send } = await withParty(LONG, { 'GET transfer': answer });
      expect(await rejectionOf(send(Readable.from([DATA])))).toMatchObject(hangs);
    }
  });

  it('has to say within its time that nobody came, whatever it says besides', async () => {
    const { receive } = await withParty(TRUSTING, { 'GET transfer': states('waiting') }, 0);
    expect(await rejectionOf(receive())).toMatchObject(hangs);
  });

  it('is waited for by nobody who reads its events, or both directions', async () => {
    const { access, api } = await withParty(SHORT, {
      'GET events': (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      },
    });
    const { signal } = new AbortController();
    expect(await rejectionOf(api.events(signal, 50).next())).toMatchObject(hangs);
    expect(await rejectionOf(openDataConnection(access, STREAM, signal, 50))).toMatchObject(hangs);
  });
});
