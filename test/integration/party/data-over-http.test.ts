import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { describeIf, isInstalled } from '../../support/skip';
import { temporaryFolders } from '../../support/temporary-folder';
import type { LiveNetwork } from '../../support/in-process/live-network';
import {
  liveRequest,
  startLiveParties,
  stopLiveParties,
  type LivePartyNode,
} from '../../support/in-process/live-parties';
import { until } from '../../support/until';
import { askForUpgrade } from './upgraded-socket';
import { readToEnd } from '../../support/in-process/read-to-end';

jest.setTimeout(60_000);

const run = promisify(execFile);
const newFolder = temporaryFolders();
const MIB = 1024 * 1024;

describe('data over HTTP', () => {
  let network: LiveNetwork;
  let initiator: LivePartyNode;
  let provider: LivePartyNode;
  beforeAll(async () => {
    ({ network, initiator, provider } = await startLiveParties({ transferIdleMs: 4_000 }));
  }, 120_000);
  afterAll(async () => {
    await stopLiveParties({ network, initiator, provider });
  }, 60_000);

  const newStream = async (): Promise<string> => {
    const { value } = await initiator.api.call('requestStreams', { body: liveRequest() });
    const bundleId = String(value['bundleId']);
    for (const { api } of [initiator, provider]) {
      await until('the stream is active', async () => {
        const { value: shown } = await api.call('showStream', { path: { bundleId, index: 0 } });
        return shown['state'] === 'active';
      });
    }
    return bundleId;
  };

  interface Opened {
    readonly request: ClientRequest;
    readonly answer: Promise<IncomingMessage>;
  }
  const open = (
    { api }: LivePartyNode,
    method: 'PUT' | 'GET',
    bundleId: string,
    headers: Readonly<Record<string, string>> = {},
  ): Opened => {
    const path = api.pathOf('receiveData', { path: { bundleId, index: 0 }, query: { wait: 20 } });
    const outgoing = request(new URL(path, api.address), {
      method,
      agent: false,
      headers: { authorization: `Bearer ${api.token}`, connection: 'keep-alive', ...headers },
    });
    outgoing.on('error', () => undefined);
    const answer = once(outgoing, 'response').then(([response]: IncomingMessage[]) => response!);
    answer.catch(() => undefined);
    if (method === 'GET') outgoing.end();
    else outgoing.flushHeaders();
    return { request: outgoing, answer };
  };
  const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const refusalOf = async (message: IncomingMessage): Promise<unknown> => {
    const { code } = JSON.parse((await bodyOf(message)).toString()) as { code: string };
    return [message.statusCode, code];
  };
  const breakOf = async (message: IncomingMessage): Promise<unknown> => {
    message.resume();
    const [error] = (await once(message, 'error')) as [NodeJS.ErrnoException];
    return error.code;
  };
  const failureOf = async ({ api }: LivePartyNode, bundleId: string, transferId: string): Promise<unknown> =>
    until('the transfer fails', async () => {
      const { value } = await api.call('showTransfer', { path: { bundleId, index: 0, transferId } });
      return (value['failure'] as { code: string } | undefined)?.code;
    });

  /** A transfer of which the receiver has some, and how its body breaks. */
  const halfWay = async (bundleId: string) => {
    const transferId = randomUUID();
    const sender = open(provider, 'PUT', bundleId);
    sender.request.write(randomBytes(MIB));
    const received = await open(initiator, 'GET', bundleId, { 'eko-transfer': transferId }).answer;
    await once(received, 'data');
    return { transferId, sender, broken: breakOf(received) };
  };

  it('carries a body whole, in either direction, and both ends count and hash it', async () => {
    const bundleId = await newStream();
    const payload = randomBytes(5 * MIB);
    const expected = { bytes: payload.length, sha256: sha256(payload) };
    for (const [from, to] of [
      [provider, initiator],
      [initiator, provider],
    ] as const) {
      const sender = open(from, 'PUT', bundleId);
      sender.request.end(payload);
      const received = await open(to, 'GET', bundleId).answer;
      expect((await bodyOf(received)).equals(payload)).toBe(true);
      expect(received.trailers).toEqual({
        'eko-bytes': String(expected.bytes),
        'eko-sha256': expected.sha256,
      });
      const sent = await sender.answer;
      expect(JSON.parse((await bodyOf(sent)).toString())).toMatchObject(expected);
    }
  });

  it('asks for a body that waits to be asked for only when the other side is there', async () => {
    const bundleId = await newStream();
    const sender = open(provider, 'PUT', bundleId, { expect: '100-continue' });
    const asked = once(sender.request, 'continue');
    const receiver = open(initiator, 'GET', bundleId);
    await asked;
    sender.request.end('now');
    expect((await bodyOf(await receiver.answer)).toString()).toBe('now');
    expect((await sender.answer).statusCode).toBe(200);
  });

  it('takes a body that is cut for no end: the other side breaks and is told so', async () => {
    const bundleId = await newStream();
    const { transferId, sender, broken } = await halfWay(bundleId);
    sender.request.destroy();
    expect(await broken).toBe('ECONNRESET');
    expect(await failureOf(initiator, bundleId, transferId)).toBe('STREAM_CUT');
  });

  it('does not tell a sender that all arrived while its receiver has not confirmed', async () => {
    const bundleId = await newStream();
    const sender = open(provider, 'PUT', bundleId);
    sender.request.end('all of it');
    const receiver = open(initiator, 'GET', bundleId, { 'eko-transfer': randomUUID() });
    await bodyOf(await receiver.answer);
    receiver.request.destroy();
    expect(await refusalOf(await sender.answer)).toEqual([503, 'STREAM_CUT']);
  });

  it('fails at both ends where a receiver confirms something else', async () => {
    const bundleId = await newStream();
    const transferId = randomUUID();
    const sender = open(provider, 'PUT', bundleId);
    sender.request.end('all of it');
    const receiver = open(initiator, 'GET', bundleId, { 'eko-transfer': transferId });
    const body = await bodyOf(await receiver.answer);
    const path = { bundleId, index: 0, transferId };
    const claim = { bytes: body.length, sha256: '0'.repeat(64) };
    expect(await initiator.api.refusal('confirmTransfer', { path, body: claim })).toEqual([
      500,
      'CORRUPT_RECORD',
    ]);
    expect(await refusalOf(await sender.answer)).toEqual([503, 'STREAM_CUT']);
  });

  it('says at both ends that the stream was revoked, in the middle of a transfer', async () => {
    const bundleId = await newStream();
    const { transferId, sender, broken } = await halfWay(bundleId);
    await initiator.api.call('revokeStream', { path: { bundleId, index: 0 }, body: {} });
    expect(await broken).toBe('ECONNRESET');
    expect(await refusalOf(await sender.answer)).toEqual([410, 'STREAM_ENDED']);
    expect(await failureOf(initiator, bundleId, transferId)).toBe('STREAM_ENDED');
  });

  it('gives up where nothing moves', async () => {
    const bundleId = await newStream();
    const transferId = randomUUID();
    const sender = open(provider, 'PUT', bundleId);
    const received = await open(initiator, 'GET', bundleId, { 'eko-transfer': transferId }).answer;
    expect(await breakOf(received)).toBe('ECONNRESET');
    expect(await failureOf(initiator, bundleId, transferId)).toBe('DEADLINE_EXCEEDED');
    expect(await refusalOf(await sender.answer)).toEqual([503, 'STREAM_CUT']);
  });

  it('leaves nothing of a program that went away while it waited', async () => {
    const bundleId = await newStream();
    const left = open(provider, 'PUT', bundleId, { expect: '100-continue' });
    const transferId = randomUUID();
    const waiting = open(provider, 'PUT', bundleId, { 'eko-transfer': transferId, expect: '100-continue' });
    await until('the transfer waits', async () => {
      const { value } = await provider.api.call('showTransfer', { path: { bundleId, index: 0, transferId } });
      return value['state'] === 'waiting';
    });
    waiting.request.destroy();
    left.request.destroy();
    expect(await failureOf(provider, bundleId, transferId)).toBe('CANCELLED');
    const receiver = open(initiator, 'GET', bundleId);
    const sender = open(provider, 'PUT', bundleId);
    sender.request.end('of the second');
    expect((await bodyOf(await receiver.answer)).toString()).toBe('of the second');
  });

  it('takes no end of the other side that comes before its own for a confirmation', async () => {
    const bundleId = await newStream();
    const transferId = randomUUID();
    const sender = open(provider, 'PUT', bundleId, { 'eko-transfer': transferId });
    const empty = open(initiator, 'PUT', bundleId);
    sender.request.flushHeaders();
    empty.request.end();
    expect(await failureOf(provider, bundleId, transferId)).toBe('BAD_STATE');
    sender.request.end('for nobody');
    expect(await refusalOf(await sender.answer)).toEqual([409, 'BAD_STATE']);
    expect(await refusalOf(await empty.answer)).toEqual([503, 'STREAM_CUT']);
  });

  const upgrade = async ({ api }: LivePartyNode, bundleId: string): Promise<Duplex> => {
    const path = api.pathOf('receiveData', { path: { bundleId, index: 0 } });
    const { socket } = await askForUpgrade({ address: api.address, path, token: api.token });
    if (socket === undefined) throw new Error('refused');
    return socket;
  };

  it('is confirmed by a program that speaks both ways once that has read all, and has ended', async () => {
    const bundleId = await newStream();
    const sender = open(provider, 'PUT', bundleId);
    sender.request.end('all of it');
    const reader = await upgrade(initiator, bundleId);
    expect((await readToEnd(reader)).toString()).toBe('all of it');
    reader.end();
    expect((await sender.answer).statusCode).toBe(200);
  });

  it('takes no end for a confirmation that was under way when it ended itself', async () => {
    const bundleId = await newStream();
    const sender = open(provider, 'PUT', bundleId);
    sender.request.end('for nobody');
    const early = await upgrade(initiator, bundleId);
    early.on('error', () => undefined);
    early.end();
    expect(await refusalOf(await sender.answer)).toEqual([409, 'BAD_STATE']);
    early.destroy();
  });

  it('refuses what it cannot carry, with a code', async () => {
    const bundleId = await newStream();
    const unknown = await open(provider, 'PUT', randomUUID()).answer;
    expect(await refusalOf(unknown)).toEqual([404, 'NOT_FOUND']);
    const named = await open(provider, 'GET', bundleId, { 'eko-transfer': 'mine' }).answer;
    expect(await refusalOf(named)).toEqual([400, 'INVALID_ARGUMENT']);
    const [one, other] = [open(provider, 'PUT', bundleId), open(initiator, 'PUT', bundleId)];
    for (const { request: each } of [one, other]) each.write('both send');
    const codes = [await refusalOf(await one.answer), await refusalOf(await other.answer)];
    expect(codes).toContainEqual([409, 'BAD_STATE']);
  });

  describeIf(isInstalled('curl', '--version'), 'curl is not installed', 'with curl', () => {
    const curl = (party: LivePartyNode, bundleId: string, ...args: readonly string[]) => {
      const path = party.api.pathOf('receiveData', { path: { bundleId, index: 0 } });
      const header = `authorization: Bearer ${party.api.token}`;
      return run('curl', ['-sS', '--fail', '-H', header, ...args, party.api.address + path], {
        timeout: 40_000,
      });
    };

    it('moves a file from curl to curl', async () => {
      const bundleId = await newStream();
      const [source, target] = [join(newFolder(), 'source'), join(newFolder(), 'target')];
      writeFileSync(source, randomBytes(3 * MIB));
      const [sent] = await Promise.all([
        curl(provider, bundleId, '-T', source),
        curl(initiator, bundleId, '-o', target),
      ]);
      expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
      expect(JSON.parse(sent.stdout)).toMatchObject({ bytes: 3 * MIB });
    });

    it('ends with a failure where the sender is cut', async () => {
      const bundleId = await newStream();
      const target = join(newFolder(), 'target');
      const receiving = curl(initiator, bundleId, '-o', target);
      const sender = open(provider, 'PUT', bundleId);
      sender.request.write(randomBytes(MIB));
      await until('there is a file', () => existsSync(target));
      sender.request.destroy();
      await expect(receiving).rejects.toHaveProperty('code', expect.any(Number));
    });
  });
});
