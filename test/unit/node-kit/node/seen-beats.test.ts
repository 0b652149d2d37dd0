import { EVENTS } from '@eko/protocol/ledger';
import { SeenBeats } from '@eko/node-kit';
import { at } from '../../../support/data/ledger-facts';

const MSPS: Readonly<Record<string, string>> = { own: 'Org1MSP', a: 'Org1MSP', b: 'Org2MSP', c: 'Org3MSP' };

function newBeats() {
  const clock = { nowMs: 0 };
  const beats = new SeenBeats({
    nodeId: 'own',
    mspOf: (nodeId) => MSPS[nodeId],
    monotonicMs: () => clock.nowMs,
  });
  const beat = (nodeId: string, atUnixMs: number): void => {
    clock.nowMs += 1;
    beats.apply(at(clock.nowMs, { name: EVENTS.heartbeat, payload: { nodeId, atUnixMs } }));
  };
  return { beats, beat };
}

describe('the heartbeats that a node has seen', () => {
  it('are told apart by organisation', () => {
    const { beats, beat } = newBeats();
    beat('b', 1_000);
    beat('a', 2_000);
    expect(beats.newest()).toEqual({ mspId: 'Org1MSP', atUnixMs: 2_000, seenAtMonotonicMs: 2 });
    expect(beats.newestOutside('Org1MSP')?.atUnixMs).toBe(1_000);
    expect(beats.newestApartFrom('Org1MSP')?.atUnixMs).toBe(1_000);
    expect(beats.newestOutside('Org2MSP')?.atUnixMs).toBe(2_000);
    beat('c', 3_000);
    expect(beats.newestOutside('Org1MSP')?.atUnixMs).toBe(3_000);
  });

  it('count for every organisation where they are the node’s own', () => {
    const { beats, beat } = newBeats();
    beat('own', 1_000);
    expect(beats.newestOutside('Org1MSP')).toBeUndefined();
    expect(beats.newestApartFrom('Org1MSP')?.atUnixMs).toBe(1_000);
    beat('a', 2_000);
    expect(beats.newestApartFrom('Org1MSP')?.atUnixMs).toBe(1_000);
  });

  it('are made neither older by a late one nor newer by a replay', () => {
    const { beats, beat } = newBeats();
    beat('b', 5_000);
    for (const atUnixMs of [5_000, 4_000]) beat('b', atUnixMs);
    expect(beats.newest()).toEqual({ mspId: 'Org2MSP', atUnixMs: 5_000, seenAtMonotonicMs: 1 });
  });

  it('are those of registered nodes', () => {
    const { beats, beat } = newBeats();
    beat('stranger', 5_000);
    expect(beats.newest()).toBeUndefined();
  });

  it('end a wait as soon as one suffices, or with the time', async () => {
    const { beats, beat } = newBeats();
    let asked = 0;
    const waiting = beats.until(() => {
      asked += 1;
      return beats.newestOutside('Org1MSP') !== undefined;
    }, 60_000);
    beat('a', 1_000);
    beat('b', 1_000);
    await waiting;
    expect(asked).toBe(3);
    await expect(beats.until(() => false, 0)).resolves.toBeUndefined();
  });
});
