import { Turns } from '../../../network/node-kit/src/vault/turns';
import { newGate } from '../../support/node-kit/gate';

describe('turns', () => {
  it('come one after another, whatever became of the one before, each with its own answer', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const gate = newGate();
    const first = turns.take(async () => {
      seen.push('first begins');
      await gate.wait;
      seen.push('first fails');
      throw new Error('of the first');
    });
    const second = turns.take(() => {
      seen.push('second');
      return Promise.resolve(2);
    });
    await Promise.resolve();
    gate.open();
    await expect(first).rejects.toThrow('of the first');
    expect(await second).toBe(2);
    expect(seen).toEqual(['first begins', 'first fails', 'second']);
  });
});
