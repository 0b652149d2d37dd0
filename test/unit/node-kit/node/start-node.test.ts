import { EkoError } from '@eko/protocol';
import { startNode } from '@eko/node-kit';
import { type StartingNode } from '../../../../network/node-kit/src/node/start-node';
import { nodeHost } from '../../../support/in-process/node-host';

const ready = { nodeId: 'witness-a' };

/** What was closed, in order; those that are said to fail do so with their name. */
function closing(node: StartingNode, closed: string[], ...broken: readonly string[]) {
  return (name: string): void =>
    node.onStop(async () => {
      await Promise.resolve();
      closed.push(name);
      if (broken.includes(name)) throw new Error(name);
    });
}

describe('startNode', () => {
  it('closes what was opened in the opposite order, once', async () => {
    const closed: string[] = [];
    const running = await startNode(nodeHost(), async (node) => {
      ['store', 'ledger', 'server'].forEach(closing(node, closed));
      return { ready };
    });
    expect(running.ready).toBe(ready);
    expect(closed).toEqual([]);
    await Promise.all([running.stop(), running.stop()]);
    expect(closed).toEqual(['server', 'ledger', 'store']);
  });

  it('closes each although another cannot be, and says the first error', async () => {
    const closed: string[] = [];
    const running = await startNode(nodeHost(), async (node) => {
      ['store', 'ledger', 'server'].forEach(closing(node, closed, 'server', 'store'));
      return { ready };
    });
    await expect(running.stop()).rejects.toThrow('server');
    expect(closed).toEqual(['server', 'ledger', 'store']);
  });

  it('closes what a start had opened that fails half way, and says why it failed', async () => {
    const closed: string[] = [];
    let signal: AbortSignal | undefined;
    const start = startNode(nodeHost(), async (node) => {
      ({ signal } = node);
      ['store', 'ledger'].forEach(closing(node, closed, 'ledger'));
      throw new EkoError('CORRUPT_RECORD', 'The store does not hold');
    });
    await expect(start).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    expect(closed).toEqual(['ledger', 'store']);
    expect(signal?.aborted).toBe(true);
  });

  it('ends the waits of a start when the node is told to stop, and closes what it had opened', async () => {
    const closed: string[] = [];
    const stop = new AbortController();
    const start = startNode(nodeHost(stop.signal), async (node) => {
      closing(node, closed)('store');
      await new Promise((_resolve, reject) => {
        node.signal.addEventListener('abort', () => reject(node.signal.reason as EkoError));
        stop.abort();
      });
      return { ready };
    });
    await expect(start).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(closed).toEqual(['store']);
  });

  it('does not run where it was told to stop and no wait of its start noticed', async () => {
    const closed: string[] = [];
    const stop = new AbortController();
    const start = startNode(nodeHost(stop.signal), async (node) => {
      closing(node, closed)('store');
      stop.abort();
      return { ready };
    });
    await expect(start).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(closed).toEqual(['store']);
  });

  it('opens nothing where it was told to stop before', async () => {
    let isOpened = false;
    const start = startNode(nodeHost(AbortSignal.abort()), async () => {
      isOpened = true;
      return { ready };
    });
    await expect(start).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(isOpened).toBe(false);
  });

  it('ends the waits of a running node before it closes anything', async () => {
    const seen: boolean[] = [];
    const running = await startNode(nodeHost(), async (node) => {
      node.onStop(() => seen.push(node.signal.aborted));
      return { ready };
    });
    await running.stop();
    expect(seen).toEqual([true]);
  });
});
