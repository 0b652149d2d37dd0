import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pump } from '../../../../network/party/src/http/transfer-bodies';

describe('what moves a body', () => {
  it('is done at its end, with all of it written, and ends nothing itself', async () => {
    const [source, target] = [new PassThrough(), new PassThrough()];
    const seen: string[] = [];
    const moved = pump(source, target, (chunk) => seen.push(chunk.toString()));
    source.write('one');
    source.end('two');
    await moved;
    expect(seen.join('')).toBe('onetwo');
    expect((target.read() as Buffer).toString()).toBe('onetwo');
    expect([target.writableEnded, target.destroyed]).toEqual([false, false]);
  });

  it.each(['source', 'target'] as const)('takes no %s that closes for the end', async (side) => {
    const ends = { source: new PassThrough(), target: new PassThrough() };
    const moved = pump(ends.source, ends.target, () => undefined);
    ends.source.write('part');
    await once(ends.target, 'readable');
    ends[side].destroy();
    await expect(moved).rejects.toThrow('closed before the end');
  });

  it('says what broke', async () => {
    const broken = new Error('the disk is full');
    const [source, target] = [new PassThrough(), new PassThrough()];
    const moved = pump(source, target, () => undefined);
    target.destroy(broken);
    await expect(moved).rejects.toBe(broken);
    await expect(pump(source, target, () => undefined)).rejects.toBe(broken);
  });
});
