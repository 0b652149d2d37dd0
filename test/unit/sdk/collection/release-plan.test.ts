import fc from 'fast-check';
import { ReleasePlan } from '../../../../client-sdk/sdk/src/collection/release-plan';

const BOUNDS = { hedgeMs: 400, retryFirstMs: 100, retryMostMs: 1_000 };
interface Wanted {
  readonly streams: readonly number[];
  readonly witnesses: readonly string[];
}
const plan = (wanted: Wanted, quorum = 2, dealers = ['d']): ReleasePlan =>
  new ReleasePlan({ ...wanted, dealers, quorum, bounds: BOUNDS, random: () => 1 });
const one = (...witnesses: string[]): Wanted => ({ streams: [0], witnesses });
const share = (streamIndex: number, dealer = 'd') => ({ streamIndex, dealer });
const asked = (calls: readonly { witness: string }[]): string[] => calls.map(({ witness }) => witness);

describe('ReleasePlan', () => {
  it('asks a quorum first, in draw order, and nobody else in time', () => {
    const it = plan(one('c', 'a', 'b'));
    expect(asked(it.next(0))).toEqual(['c', 'a']);
    expect(it.next(399)).toEqual([]);
    expect(it.wakeAtMs(0)).toBe(400);
  });

  it('asks the next as soon as one is late, fails or is wrong', () => {
    const late = plan(one('a', 'b', 'c'));
    late.next(0);
    expect(asked(late.next(400))).toEqual(['c']);
    const failed = plan(one('a', 'b', 'c'));
    failed.next(0);
    failed.failed('b', 5);
    expect(asked(failed.next(5))).toEqual(['c']);
    const wrong = plan(one('a', 'b', 'c'));
    wrong.next(0);
    wrong.wrong('a');
    expect(asked(wrong.next(5))).toEqual(['c']);
  });

  it('asks a quorum of witnesses once, each for all streams', () => {
    const streams = Array.from({ length: 50 }, (_, index) => index);
    const calls = plan({ streams, witnesses: ['w2', 'w0', 'w1'] }).next(0);
    expect(calls).toEqual([
      { witness: 'w2', streams },
      { witness: 'w0', streams },
    ]);
  });

  it('asks silent witnesses again when nobody else is left, later each time', () => {
    const it = plan(one('a', 'b'));
    it.next(0);
    it.answered('a', [share(0)], 10);
    it.failed('b', 10);
    expect(it.next(10)).toEqual([]);
    expect(it.wakeAtMs(10)).toBe(110);
    expect(asked(it.next(110))).toEqual(['b']);
    it.failed('b', 110);
    expect(it.wakeAtMs(110)).toBe(310);
    expect(it.silent).toEqual(['b']);
    expect(asked(it.next(310))).toEqual(['b']);
    expect(it.answered('b', [share(0)], 320)).toEqual([0]);
    expect(it.unfinished).toEqual([]);
  });

  it('asks those that were late only where others are too few, and last who was so most often', () => {
    const doubted = (...names: string[]) =>
      new ReleasePlan({
        ...one('a', 'b', 'c'),
        dealers: ['d'],
        quorum: 2,
        bounds: BOUNDS,
        timesLate: (witness) => names.filter((name) => name === witness).length,
      });
    expect(asked(doubted('a').next(0))).toEqual(['b', 'c']);
    expect(asked(doubted('a', 'b').next(0))).toEqual(['c', 'a']);
    expect(asked(doubted('a', 'a', 'b', 'c').next(0))).toEqual(['b', 'c']);
    const all = doubted('a');
    all.next(0);
    all.failed('c', 10);
    expect(asked(all.next(10))).toEqual(['a']);
  });

  it('says who was late', () => {
    const it = plan(one('a', 'b', 'c'));
    it.next(0);
    it.failed('b', 5);
    expect(it.late(399)).toEqual(['b']);
    expect(it.late(400)).toEqual(['a', 'b']);
  });

  it('never asks a wrong witness again', () => {
    const it = plan(one('a', 'b'));
    it.next(0);
    it.wrong('a');
    expect(it.next(1_000_000)).toEqual([]);
    expect(it.silent).toEqual(['b']);
  });

  it('counts each dealer on its own, and the same witness once', () => {
    const it = plan(one('a', 'b', 'c'), 2, ['d', 'e']);
    it.next(0);
    expect(it.answered('a', [share(0, 'd')], 1)).toEqual([]);
    expect(it.answered('a', [share(0, 'd')], 2)).toEqual([]);
    expect(it.answered('b', [share(0, 'd'), share(0, 'e')], 3)).toEqual([]);
    expect(it.answered('c', [share(0, 'e')], 4)).toEqual([0]);
  });

  it('never asks for a stream that is no longer wanted', () => {
    const it = plan({ streams: [0, 1], witnesses: ['a', 'b'] });
    it.drop(0);
    expect(it.next(0).map(({ streams }) => streams)).toEqual([[1], [1]]);
    it.drop(1);
    it.failed('a', 0);
    expect(it.next(10_000)).toEqual([]);
  });

  it('completes under any order of answers and failures, as long as a quorum is honest', () => {
    const schedule = fc.array(fc.tuple(fc.nat(), fc.constantFrom('answer', 'fail', 'half')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        schedule,
        (quorum, count, acts) => {
          const streams = Array.from({ length: count }, (_, index) => index);
          const witnesses = Array.from({ length: quorum + 1 }, (_, place) => `w${place}`);
          const it = plan({ streams, witnesses }, quorum, ['d', 'e']);
          const pending = new Map<string, readonly number[]>();
          const completed: number[] = [];
          let now = 0;
          const act = (choice: number, what: string): void => {
            for (const call of it.next(now)) pending.set(call.witness, call.streams);
            const witness = [...pending.keys()][choice % Math.max(pending.size, 1)];
            now += 50;
            if (witness === undefined) return;
            const shares = (pending.get(witness) ?? []).flatMap((index) =>
              what === 'half' ? [share(index)] : [share(index), share(index, 'e')],
            );
            pending.delete(witness);
            if (what === 'fail') it.failed(witness, now);
            else completed.push(...it.answered(witness, shares, now));
          };
          for (const [choice, what] of acts) act(choice, what);
          for (let more = 0; more < 2_000 && it.unfinished.length > 0; more += 1) act(0, 'answer');
          expect(completed.sort((a, b) => a - b)).toEqual(streams);
        },
      ),
    );
  });
});
