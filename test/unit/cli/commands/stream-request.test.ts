import { writeFileSync } from 'node:fs';
import { text as bodyText } from 'node:stream/consumers';
import { join } from 'node:path';
import { EkoError, parseStreamId } from '@eko/protocol';
import type { NewStreams, StreamDocument } from '@eko/protocol/rest';
import { nextStepFor } from '../../../../client-sdk/command/src/next-step';
import { commandLine, type CommandLineResult } from '../../../support/in-process/command-line';
import { json, scriptedParty, streamOf, type Script } from '../../../support/simulated/scripted-party';
import { codedError } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const BUNDLE = '7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11';
const newFolder = temporaryFolders();

describe('a request', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** Runs a command against a party whose one stream is in this state; gives what it was asked for, too. */
  const run = async (state: StreamDocument['state'], ...args: readonly string[]) => {
    const asked: unknown[] = [];
    const stream = streamOf({ streamId: `${BUNDLE}/0`, bundleId: BUNDLE, state, provider: 'lab' });
    const script: Script = {
      'POST streams': async (request, response) => {
        const body = JSON.parse(await bodyText(request)) as NewStreams;
        asked.push(body);
        json(response, { bundleId: BUNDLE, policy: body.policy, streams: [stream] });
      },
      'GET 0': (_request, response) => json(response, stream),
    };
    const { access, close } = await scriptedParty(script);
    closers.push(close);
    const tokenFile = join(newFolder(), 'token');
    writeFileSync(tokenFile, 'token', { mode: 0o600 });
    const result = await commandLine([...args, '--party', access.address.href, '--token-file', tokenFile]);
    return { ...result, asked };
  };

  it('says for whom it waits, and what that party does', async () => {
    const { status, stderr } = await run('requested', 'stream', 'request', '--provider', 'lab');
    expect([status, stderr]).toEqual([
      0,
      `waiting for lab to consent: eko stream accept ${BUNDLE} --as lab\n`,
    ]);
    expect((await run('accepted', 'stream', 'request')).stderr).toBe('');
  });

  it.each([
    ['request', ['stream', 'request', '--wait', '0']],
    ['send', ['send', `${BUNDLE}/0`, __filename, '--timeout', '0']],
  ])('that waits in vain says that nobody consented (%s)', async (_name, args) => {
    const { status, stderr }: CommandLineResult = await run('requested', ...args);
    expect(status).toBe(69);
    expect(stderr).toContain('DEADLINE_EXCEEDED');
    expect(stderr).toContain('lab has not consented');
    expect(stderr).toContain(`next: have lab consent (eko stream accept ${BUNDLE} --as lab)`);
  });

  it('takes the number of connections and the time for consent', async () => {
    const { asked } = await run(
      'requested',
      'stream',
      'request',
      '--max-connections',
      '3',
      '--consent',
      '900',
    );
    expect(asked).toMatchObject([{ policy: { maxConnections: 3, consentSeconds: 900 } }]);
    const [plain] = (await run('requested', 'stream', 'request')).asked as [{ policy: object }];
    expect(plain.policy).not.toHaveProperty('maxConnections');
    expect(plain.policy).not.toHaveProperty('consentSeconds');
  });

  it('is decided by the ID of its bundle, and a stream ID says what it is made of', async () => {
    const { status, stderr } = await run('requested', 'stream', 'accept', `${BUNDLE}/0`);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('the part of a stream ID before the slash'),
    ]);
    expect(codedError(() => parseStreamId(BUNDLE)).message).toContain('its first stream is that and /0');
    expect(codedError(() => parseStreamId('odd'))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('A stream ID is bundleId/index') as unknown,
    });
  });

  it('that finds no slot says who can make one free', () => {
    const next = nextStepFor(new EkoError('NO_SLOT', 'all are taken'));
    expect(next).toContain('eko stream accept');
    expect(next).toContain('eko stream list --state requested');
  });
});
