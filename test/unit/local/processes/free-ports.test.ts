import { once } from 'node:events';
import { createServer } from 'node:net';
import { checkPortsAreFree, freePorts } from '../../../../network/local/src/processes/free-ports';

const HOST = '127.0.0.1';
/** Where Linux begins to take ports for outgoing connections; other systems begin higher. */
const OUTGOING = 32_768;

describe('free ports', () => {
  it('are as many as asked for, all different, and none that an outgoing connection could take', async () => {
    const ports = await freePorts(200);
    expect(new Set(ports).size).toBe(200);
    expect(ports.every((port) => port >= 1_024 && port < OUTGOING)).toBe(true);
    await checkPortsAreFree(ports.map((port) => ({ port, owner: 'a test' })));
  });

  it('are never those that are kept for something which does not listen yet', async () => {
    const odd = Array.from({ length: OUTGOING / 2 }, (_, half) => 2 * half + 1);
    const ports = await freePorts(50, odd);
    expect(ports).toHaveLength(50);
    expect(ports.filter((port) => port % 2 === 1)).toEqual([]);
  });

  it('that cannot be taken are laid to the charge of no program', async () => {
    await expect(checkPortsAreFree([{ port: 70_000, owner: 'witness-1' }])).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.not.stringContaining('another program') as string,
    });
  });

  it('are named with their owner when another program has taken one', async () => {
    const [port = 0] = await freePorts(1);
    const other = createServer().listen(port, HOST);
    await once(other, 'listening');
    try {
      await expect(checkPortsAreFree([{ port, owner: 'witness-1' }])).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        details: { port, owner: 'witness-1' },
      });
    } finally {
      other.close();
    }
  });
});
