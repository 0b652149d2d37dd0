import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { STREAM_ALPN, STREAM_EXPORTER_LABEL } from '@eko/protocol/crypto';
import { encodeConfirmation, encodeEndMark } from '../../../client-sdk/sdk/src/streams/confirmation';
import { isInstalled, describeIf } from '../../support/skip';
import { listenLocally } from '../../support/in-process/raw-tls';
import { closeOf } from '../../support/in-process/read-to-end';
import { credentialsOf } from '../../support/in-process/stream-credentials';
import { startStreamPair, type StreamPair } from '../../support/in-process/stream-pair';

jest.setTimeout(60_000);

const isOpensslHere = isInstalled('openssl', 'version');

describeIf(isOpensslHere, 'openssl is not installed', 'the openssl command line', () => {
  let pair: StreamPair;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    pair = await startStreamPair();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill();
    await pair.close();
  });

  const openssl = (command: string, ...args: string[]) => {
    const profile = ['-psk', pair.keys.psk.toString('hex'), '-psk_identity', pair.keys.identity];
    const exporter = ['-keymatexport', STREAM_EXPORTER_LABEL, '-keymatexportlen', '32'];
    const child = spawn('openssl', [command, ...profile, '-alpn', STREAM_ALPN, ...exporter, ...args]);
    children.push(child);
    child.stdin.on('error', () => undefined);
    return child;
  };

  /** Reads what the child prints until `pattern` matches; answers its first group. */
  const printed = (child: ReturnType<typeof openssl>, pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = '';
      const onText = (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const match = pattern.exec(text);
        if (match?.[1] !== undefined) resolve(match[1]);
      };
      child.stdout.on('data', onText);
      child.stderr.on('data', onText);
      child.once('close', () => {
        reject(new Error(`openssl ended without ${String(pattern)}:\n${text}`));
      });
    });

  const exporterOf = async (child: ReturnType<typeof openssl>) =>
    Buffer.from(await printed(child, /Keying material: ([0-9A-F]{64})/), 'hex');

  /** openssl as an initiator that knows key and confirmation, what it said, and the stream at our provider. */
  const openedByOpenssl = async (text: string) => {
    const suite = ['-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'];
    const client = openssl('s_client', '-connect', `127.0.0.1:${pair.port}`, ...suite, '-nocommands');
    const exporter = await exporterOf(client);
    client.stdin.write(encodeConfirmation('initiator', exporter, credentialsOf(pair.keys)));
    client.stdin.write(text);
    await pair.acceptedCount(1);
    const served = pair.accepted[0];
    if (served === undefined) throw new Error('the handler was not called');
    // What was read leaves openssl nothing to send it with: each write from here on is a record of its own.
    const [bytes] = (await once(served.stream, 'data')) as [Buffer];
    expect(bytes.toString()).toBe(text);
    return { client, exporter, stream: served.stream };
  };

  it('opens a stream of ours, given the same key, confirmation and end mark', async () => {
    const { client, exporter, stream } = await openedByOpenssl('from openssl');
    client.stdin.end(encodeEndMark('initiator', exporter, credentialsOf(pair.keys)));
    await once(stream, 'end');
    stream.end();
    await closeOf(stream);
    expect(stream.errored).toBeNull();
  });

  it('ends nothing with the alert of TLS alone', async () => {
    const { client, stream } = await openedByOpenssl('from openssl');
    client.stdin.end();
    await closeOf(stream);
    expect(stream.readableEnded).toBe(false);
    expect(stream.errored).toMatchObject({ code: 'STREAM_CUT' });
  });

  it('is refused with a confirmation for the other role', async () => {
    const client = openssl('s_client', '-connect', `127.0.0.1:${pair.port}`, '-nocommands');
    client.stdin.write(encodeConfirmation('provider', await exporterOf(client), credentialsOf(pair.keys)));
    await pair.refused(1);
    expect(pair.refusals).toEqual(['confirmation']);
  });

  it.each([
    ['TLS 1.2', ['-tls1_2', '-cipher', 'PSK']],
    ['AES-256-GCM alone', ['-ciphersuites', 'TLS_AES_256_GCM_SHA384']],
    ['AES-128-GCM, which no policy allowed', ['-ciphersuites', 'TLS_AES_128_GCM_SHA256']],
    ['another key', ['-psk', '00'.repeat(32)]],
    ['a key of 31 bytes', ['-psk', '00'.repeat(31)]],
  ])('is refused with %s', async (_title, args) => {
    const client = openssl('s_client', '-connect', `127.0.0.1:${pair.port}`, ...args);
    const closed = new Promise((resolve) => client.once('close', resolve));
    await pair.refused(1);
    expect(pair.refusals).toEqual(['handshake']);
    await closed;
    expect(client.exitCode).not.toBe(0);
  });

  it('serves our initiator when it knows key and confirmation', async () => {
    const reserved = createServer();
    const port = await listenLocally(reserved);
    await new Promise((resolve) => reserved.close(resolve));
    const server = openssl('s_server', '-accept', `127.0.0.1:${port}`, '-nocert', '-naccept', '1');
    await printed(server, /(ACCEPT)/);
    const exporter = exporterOf(server);
    const connecting = pair.connect({ port });
    server.stdin.write(encodeConfirmation('provider', await exporter, credentialsOf(pair.keys)));
    const stream = await connecting;
    server.stdin.write('from openssl\n');
    const closed = closeOf(stream);
    const bytes = await new Promise<Buffer>((resolve) => stream.once('data', resolve));
    expect(bytes.toString()).toContain('from openssl');
    stream.destroy();
    await closed;
  });
});
