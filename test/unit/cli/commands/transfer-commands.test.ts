import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../../support/in-process/command-line';
import type { ErrorCode } from '@eko/protocol';
import {
  failedTransfer,
  json,
  scriptedParty,
  streamOf,
  totalsOf,
  transferOf,
  type Script,
} from '../../../support/simulated/scripted-party';
import { temporaryFolders } from '../../../support/temporary-folder';

const BUNDLE = '7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11';
const STREAM = `${BUNDLE}/0`;
const DATA = randomBytes(200_000);
const newFolder = temporaryFolders();

describe('eko send and eko receive', () => {
  let folder: string;
  let file: string;
  const closers: (() => void)[] = [];
  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'scan');
  });
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** Runs a command against a party that has one active stream and does this with its data. */
  const run = async (script: Script, ...args: readonly string[]) => {
    const { access, close } = await scriptedParty({
      'GET 0': (_request, response) => json(response, streamOf({ streamId: STREAM, bundleId: BUNDLE })),
      ...script,
    });
    closers.push(close);
    const tokenFile = join(newFolder(), 'token');
    writeFileSync(tokenFile, 'token', { mode: 0o600 });
    return commandLine([...args, '--party', access.address.href, '--token-file', tokenFile]);
  };
  const failed = (code: ErrorCode): Script => ({
    'GET transfer': (_request, response) => json(response, failedTransfer(code)),
  });
  const gives: Script = {
    'GET data': (_request, response) => {
      const { bytes, sha256 } = totalsOf(DATA);
      response.writeHead(200, { trailer: 'eko-bytes, eko-sha256' });
      response.write(DATA);
      response.addTrailers({ 'eko-bytes': String(bytes), 'eko-sha256': sha256 });
      response.end();
    },
  };

  it('are done when the file has its name and all was confirmed', async () => {
    const { status, stdout } = await run(
      { ...gives, 'POST confirm': (_request, response) => json(response, transferOf({ state: 'done' })) },
      'receive',
      STREAM,
      file,
    );
    expect([status, readFileSync(file).equals(DATA), readdirSync(folder)]).toEqual([0, true, ['scan']]);
    expect(stdout).toContain(`SHA-256 ${totalsOf(DATA).sha256}`);
  });

  it('are a failure with the reason where the transfer is cut, and leave no file', async () => {
    const cutInTheMiddle: Script = {
      ...failed('STREAM_CUT'),
      'GET data': (_request, response) => {
        response.writeHead(200);
        response.write(DATA, () => response.destroy());
      },
      'PUT data': (request, response) => {
        response.writeContinue();
        request.once('data', () => request.socket.destroy());
      },
    };
    const received = await run(cutInTheMiddle, 'receive', STREAM, file);
    expect([received.status, readdirSync(folder)]).toEqual([69, []]);
    expect(received.stderr).toContain('eko: STREAM_CUT: why');
    writeFileSync(file, DATA);
    const sent = await run(cutInTheMiddle, 'send', STREAM, file);
    expect([sent.status, sent.stdout]).toEqual([69, '']);
    expect(sent.stderr).toContain('eko: STREAM_CUT: why');
  });

  it('are a failure where what was kept is refused', async () => {
    const refuses: Script = {
      ...gives,
      'POST confirm': (_request, response) =>
        json(response, { code: 'CORRUPT_RECORD', detail: 'something else' }, 500),
    };
    const { status, stderr } = await run(refuses, 'receive', STREAM, file);
    expect(status).toBe(5);
    expect(stderr).toContain('CORRUPT_RECORD');
  });

  it('say what the other side has to do, where it has not come', async () => {
    const nobody: Script = {
      'GET data': (_request, response) =>
        json(response, { code: 'PEER_UNAVAILABLE', detail: 'provider has not asked' }, 503),
    };
    const { status, stderr } = await run(nobody, 'receive', STREAM, file);
    expect([status, readdirSync(folder)]).toEqual([69, []]);
    expect(stderr).toContain(`next: have provider run eko send ${STREAM}`);
  });

  it.each([
    ['send', 'absent', 'cannot be read (ENOENT)', 'see whether it is there'],
    ['receive', 'absent/scan', 'cannot be written (ENOENT)', 'see whether it is there'],
    ['send', '.', 'is a folder', 'tar c'],
    ['receive', '.', 'is a folder', 'name a file in it'],
  ])('say what is wrong with a file and what helps (%s %s)', async (verb, name, what, next) => {
    const { status, stderr } = await run({}, verb, STREAM, join(folder, name));
    expect(status).toBe(2);
    expect(stderr).toContain(what);
    expect(stderr).toContain(next);
  });
});
