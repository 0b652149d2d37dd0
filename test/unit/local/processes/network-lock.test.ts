import { createServer } from 'node:net';
import { withNetworkLock } from '../../../../network/local/src/processes/network-lock';

describe('the lock of a Fabric network', () => {
  const freePort = async (): Promise<number> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  };

  it('lets one command after the other change the network', async () => {
    const port = await freePort();
    const order: string[] = [];
    let release: () => void = () => undefined;
    const isHeld = new Promise<void>((held) => {
      void withNetworkLock(port, async () => {
        held();
        await new Promise<void>((resolve) => (release = resolve));
        order.push('first');
      });
    });
    await isHeld;
    const second = withNetworkLock(port, async () => order.push('second'));
    release();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('is refused while somebody holds it, and free after a failure', async () => {
    const port = await freePort();
    const fail = withNetworkLock(port, async () => {
      await expect(withNetworkLock(port, async () => 'never', 0)).rejects.toMatchObject({
        code: 'BAD_STATE',
      });
      throw new Error('work failed');
    });
    await expect(fail).rejects.toThrow('work failed');
    expect(await withNetworkLock(port, async () => 'done', 0)).toBe('done');
  });
});
