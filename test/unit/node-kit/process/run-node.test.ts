import { EkoError } from '@eko/protocol';
import { type RunningNode } from '@eko/node-kit';
import { runNode, type NodeProcess } from '../../../../network/node-kit/src/process/run-node';

class FakeProcess implements NodeProcess {
  argv: readonly string[] = [];
  execArgv: readonly string[] = [];
  env: Record<string, string | undefined> = {};
  out = '';
  err = '';
  readonly exits: number[] = [];
  readonly #listeners = new Map<string, ((error?: unknown) => void)[]>();
  #exited: (code: number) => void = () => undefined;
  readonly exited = new Promise<number>((resolve) => {
    this.#exited = resolve;
  });
  stdout = { write: (text: string): boolean => ((this.out += text), true) };
  stderr = { write: (text: string): boolean => ((this.err += text), true) };

  on(event: string, listener: (error?: unknown) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }
  emit(event: string, error?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(error);
  }
  listens(event: string): boolean {
    return this.#listeners.has(event);
  }
  readonly masks: number[] = [];
  umask(mask: number): void {
    this.masks.push(mask);
  }
  exit(code: number): never {
    this.exits.push(code);
    this.#exited(code);
    return undefined as never;
  }
}

const node = (change: Partial<RunningNode> = {}): RunningNode => ({
  ready: { nodeId: 'witness-a' },
  stop: () => Promise.resolve(),
  ...change,
});

describe('runNode', () => {
  it('keeps what a node writes from every other user', async () => {
    const host = new FakeProcess();
    await runNode(host, () => {
      expect(host.masks).toEqual([0o077]);
      return Promise.resolve(node());
    });
    expect(host.masks).toEqual([0o077]);
  });

  it('prints one ready line and stops once on SIGTERM', async () => {
    const host = new FakeProcess();
    let stops = 0;
    await runNode(host, () =>
      Promise.resolve(
        node({
          stop: () => {
            stops += 1;
            return Promise.resolve();
          },
        }),
      ),
    );
    expect(host.out).toBe('{"ready":true,"nodeId":"witness-a"}\n');
    host.emit('SIGTERM');
    host.emit('SIGTERM');
    expect(await host.exited).toBe(0);
    expect(stops).toBe(1);
  });

  it('ends with status 0 where it is told to stop before it has started', async () => {
    const host = new FakeProcess();
    const running = runNode(
      host,
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new EkoError('CANCELLED', 'told to stop')));
        }),
    );
    host.emit('SIGINT');
    await running;
    expect(host.exits).toEqual([0]);
    expect(host.out + host.err).toBe('');
  });

  it('stops a node that has started although it was told to stop, and says nothing', async () => {
    const host = new FakeProcess();
    let stops = 0;
    const stop = async (): Promise<void> => {
      stops += 1;
    };
    await runNode(host, async () => {
      host.emit('SIGTERM');
      return node({ stop });
    });
    expect(await host.exited).toBe(0);
    expect(stops).toBe(1);
    expect(host.out + host.err).toBe('');
  });

  it('knows a signal that came before it was called', async () => {
    const host = new FakeProcess();
    await runNode(host, (signal) => Promise.reject(signal.reason as Error), AbortSignal.abort());
    expect(host.exits).toEqual([0]);
  });

  it('ends with the code of what kept it from starting', async () => {
    const host = new FakeProcess();
    await runNode(host, () => Promise.reject(new EkoError('INVALID_CONFIG', 'The setting port is missing')));
    expect(host.exits).toEqual([78]);
    expect(JSON.parse(host.err)).toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'The setting port is missing',
    });
  });

  it('never prints the text of a foreign error', async () => {
    const host = new FakeProcess();
    await runNode(host, () => Promise.resolve(node()));
    host.emit('uncaughtException', new TypeError('psk 00112233445566778899aabbccddeeff is too long'));
    expect(host.exits).toEqual([70]);
    expect(host.err).toContain('"error":"TypeError"');
    expect(host.err).not.toContain('00112233');
  });

  it('fails with its node', async () => {
    const host = new FakeProcess();
    const fault = new EkoError('CORRUPT_RECORD', 'The store does not hold');
    await runNode(host, () => Promise.resolve(node({ failed: Promise.reject(fault) })));
    expect(await host.exited).toBe(5);
  });

  it.each([
    [
      'NODE_OPTIONS',
      { env: { NODE_OPTIONS: '--max-old-space-size=100 --inspect=0.0.0.0:9229' } },
      '--inspect',
    ],
    ['NODE_OPTIONS with underscores', { env: { NODE_OPTIONS: '--tls_keylog=/tmp/k' } }, '--tls_keylog'],
    ['a flag of node', { execArgv: ['--heapsnapshot-signal=SIGUSR2'] }, '--heapsnapshot-signal'],
    ['a report flag', { execArgv: ['--report-on-signal'] }, '--report-on-signal'],
  ])('does not start where %s would reveal its keys', async (_, change, setting) => {
    const host = Object.assign(new FakeProcess(), change);
    let started = false;
    await runNode(host, () => {
      started = true;
      return Promise.resolve(node());
    });
    expect(host.exits[0]).toBe(78);
    expect(host.err).toContain(setting);
    expect(started).toBe(false);
  });

  it('starts with options that reveal nothing, and answers SIGUSR1 itself', async () => {
    const host = Object.assign(new FakeProcess(), {
      env: { NODE_OPTIONS: '--max-old-space-size=100 --no-warnings' },
    });
    await runNode(host, () => Promise.resolve(node()));
    expect(host.exits).toEqual([]);
    expect(host.listens('SIGUSR1')).toBe(true);
  });
});
