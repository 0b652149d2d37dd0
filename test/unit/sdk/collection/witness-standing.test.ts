import { WitnessStanding } from '../../../../client-sdk/sdk/src/collection/witness-standing';

describe('the standing of witnesses', () => {
  it('counts how often one was late, until it answers', () => {
    const standing = new WitnessStanding(1_000);
    expect(standing.timesLate('a', 0)).toBe(0);
    standing.late('a', 0);
    standing.late('a', 900);
    expect([standing.timesLate('a', 1_899), standing.timesLate('b', 1_899)]).toEqual([2, 0]);
    standing.prompt('a');
    expect(standing.timesLate('a', 1_899)).toBe(0);
  });

  it('begins anew when one was not late for a while', () => {
    const standing = new WitnessStanding(1_000);
    standing.late('a', 0);
    standing.late('a', 500);
    expect(standing.timesLate('a', 1_500)).toBe(0);
    standing.late('a', 1_500);
    expect(standing.timesLate('a', 1_501)).toBe(1);
  });
});
