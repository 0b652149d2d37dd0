import { NamedTurns } from '../../../../network/node-kit/src/process/turns';
import { Turns } from '../../../../network/node-kit/src/process/turns';
import { newGate } from '../../../support/gate';

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

describe('named turns', () => {
  it('come one after another under a name, and beside each other under two', async () => {
    const turns = new NamedTurns();
    const seen: string[] = [];
    const gate = newGate();
    const first = turns.take('a', async () => {
      await gate.wait;
      seen.push('first of a');
    });
    const second = turns.take('a', () => {
      seen.push('second of a');
      return Promise.resolve();
    });
    await turns.take('b', () => {
      seen.push('of b');
      return Promise.resolve();
    });
    gate.open();
    await Promise.all([first, second]);
    expect(seen).toEqual(['of b', 'first of a', 'second of a']);
  });

  it('forget a name once nobody waits under it, also after a failure', async () => {
    const turns = new NamedTurns();
    const failing = turns.take('a', () => Promise.reject(new Error('of the first')));
    const following = turns.take('a', () => Promise.resolve(2));
    await expect(failing).rejects.toThrow('of the first');
    expect(await following).toBe(2);
    expect(turns.size).toBe(0);
  });
});
