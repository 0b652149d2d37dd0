import { LIMITS } from '@eko/protocol';
import type { Attestation } from '@eko/protocol/ledger';
import {
  NOTHING_GATHERED,
  gatheringStep,
  type GatheringEvent,
  type GatheringState,
} from '../../../../network/orchestrator/src/core/gathering';
import { BUNDLE_ID } from '../../../support/data/ledger-facts';

const GATHER_MS = 2_000;

let made = 0;
/** An attestation of so many destructions, none of which another names. */
function attestation(nodeId: string, destructions = 1): Attestation {
  made += 1;
  const bundleId = `${BUNDLE_ID}-${made}`;
  const named = Array.from({ length: destructions }, (_, n) => ({
    bundleId,
    epoch: n + 1,
    streams: 'all' as const,
  }));
  return { nodeId, destructions: named, signature: `s${made}` };
}

/** A gathering and what it has submitted. */
function newGathering() {
  let state: GatheringState = NOTHING_GATHERED;
  const submitted: (readonly Attestation[])[] = [];
  const feed = (event: GatheringEvent, nowMs: number): boolean => {
    const { next, submit, isTaken } = gatheringStep(state, event, nowMs, GATHER_MS);
    state = next;
    if (submit !== undefined) submitted.push(submit);
    return isTaken;
  };
  return {
    submitted,
    hand: (of: Attestation, nowMs: number) => feed({ kind: 'handed', attestation: of }, nowMs),
    tick: (nowMs: number) => feed({ kind: 'tick' }, nowMs),
    settle: (nowMs: number, code?: 'LEDGER_UNAVAILABLE' | 'DEADLINE_EXCEEDED') =>
      feed({ kind: 'settled', code }, nowMs),
    show: (...attestations: Attestation[]) => feed({ kind: 'recorded', record: { attestations } }, 0),
    get isEmpty() {
      return state.waiting.length + state.submitting.length === 0;
    },
  };
}

describe('a gathering', () => {
  it('submits what came within its time together, and the next only when that is settled', () => {
    const gathering = newGathering();
    const [one, two, three] = [attestation('a'), attestation('b'), attestation('a')];
    gathering.hand(one, 0);
    gathering.hand(two, 1_500);
    gathering.tick(1_999);
    expect(gathering.submitted).toEqual([]);
    gathering.tick(2_000);
    expect(gathering.submitted).toEqual([[one, two]]);
    gathering.hand(three, 2_100);
    gathering.tick(9_000);
    expect(gathering.submitted).toHaveLength(1);
    gathering.settle(9_000);
    gathering.tick(9_200);
    expect(gathering.submitted).toEqual([[one, two], [three]]);
    gathering.settle(9_300);
    expect(gathering.isEmpty).toBe(true);
  });

  it('submits at once what fills a transaction, in number or in what it names', () => {
    const many = newGathering();
    for (let count = 0; count < LIMITS.attestationsPerTransaction; count += 1)
      many.hand(attestation(`node ${count}`), 0);
    expect(many.submitted.map(({ length }) => length)).toEqual([LIMITS.attestationsPerTransaction]);

    const wide = newGathering();
    const each = LIMITS.destructionsPerAttestation;
    for (const nodeId of ['a', 'b', 'c']) wide.hand(attestation(nodeId, each), 0);
    expect(wide.submitted.map((batch) => batch.map(({ nodeId }) => nodeId))).toEqual([['a', 'b']]);
    for (const batch of [...many.submitted, ...wide.submitted])
      expect(batch.flatMap(({ destructions }) => destructions).length).toBeLessThanOrEqual(
        LIMITS.destructionsPerTransaction,
      );
  });

  it('does not submit what the ledger shows by then', () => {
    const gathering = newGathering();
    const [one, two] = [attestation('a'), attestation('b')];
    gathering.hand(one, 0);
    gathering.hand(two, 0);
    gathering.show(one);
    gathering.tick(2_000);
    expect(gathering.submitted).toEqual([[two]]);
  });

  it('tries once more what failed, apart from what came since, and then leaves it to its node', () => {
    const gathering = newGathering();
    const [failing, later] = [attestation('a'), attestation('b')];
    gathering.hand(failing, 0);
    gathering.tick(2_000);
    gathering.hand(later, 2_100);
    gathering.settle(2_200, 'LEDGER_UNAVAILABLE');
    gathering.tick(2_400);
    gathering.settle(2_500, 'LEDGER_UNAVAILABLE');
    gathering.tick(4_200);
    expect(gathering.submitted).toEqual([[failing], [failing], [later]]);
    gathering.settle(4_300);
    expect(gathering.isEmpty).toBe(true);
  });

  it('submits once what is handed over again and again: waiting, under way, or done, however it is signed', () => {
    const gathering = newGathering();
    const one = attestation('a');
    const again = (nowMs: number) =>
      Array.from({ length: 900 }, (_, n) => gathering.hand({ ...one, signature: `again ${n}` }, nowMs));
    gathering.hand(one, 0);
    expect(again(0)).not.toContain(false);
    gathering.tick(2_000);
    again(2_000);
    gathering.settle(2_100);
    again(2_100);
    gathering.tick(9_000);
    expect(gathering.submitted).toEqual([[one]]);
    expect(gathering.isEmpty).toBe(true);
  });

  it('takes what names more than before, or the same of another node', () => {
    const gathering = newGathering();
    const one = attestation('a');
    const [destruction] = one.destructions;
    if (destruction === undefined) throw new RangeError('one destruction');
    const parts = [[0], [1, 0], [0, 1]].map((streams) => ({
      ...one,
      destructions: [{ ...destruction, streams }],
    }));
    const other = { ...one, nodeId: 'b' };
    for (const each of [one, ...parts, other]) gathering.hand(each, 0);
    gathering.tick(2_000);
    expect(gathering.submitted).toEqual([[one, parts[0], parts[1], other]]);
  });

  it('does not submit again after a failure what the ledger has shown while it was under way', () => {
    const gathering = newGathering();
    const [shown, other] = [attestation('a'), attestation('b')];
    gathering.hand(shown, 0);
    gathering.hand(other, 0);
    gathering.tick(2_000);
    gathering.show(shown);
    gathering.settle(5_000, 'DEADLINE_EXCEEDED');
    gathering.hand(shown, 5_000);
    gathering.tick(9_000);
    expect(gathering.submitted).toEqual([[shown, other], [other]]);
  });

  it('halves what failed together', () => {
    const gathering = newGathering();
    const all = ['a', 'b', 'c', 'd', 'e'].map((nodeId) => attestation(nodeId));
    for (const each of all) gathering.hand(each, 0);
    gathering.tick(2_000);
    gathering.settle(2_100, 'LEDGER_UNAVAILABLE');
    gathering.tick(2_200);
    gathering.settle(2_300, 'LEDGER_UNAVAILABLE');
    gathering.tick(2_400);
    gathering.settle(2_500);
    expect(gathering.submitted).toEqual([all, all.slice(0, 3), all.slice(3)]);
    expect(gathering.isEmpty).toBe(true);
  });

  it('leaves room for others beside a node with many attestations', () => {
    const gathering = newGathering();
    const taken = Array.from({ length: 300 }, () => gathering.hand(attestation('a'), 0));
    expect(taken.filter((isTaken) => isTaken)).toHaveLength(LIMITS.attestationsPerTransaction / 8);
    const other = attestation('b');
    gathering.hand(other, 0);
    gathering.tick(2_000);
    expect(gathering.submitted[0]).toContain(other);
  });

  it('takes so much of a node, and of all, and no more before some of it is gone', () => {
    const gathering = newGathering();
    const full = LIMITS.destructionsPerAttestation;
    // One on its way, so that all that follows waits.
    gathering.hand(attestation('first'), 0);
    gathering.tick(2_000);
    expect([1, 2, 3].map(() => gathering.hand(attestation('a', full), 2_000))).toEqual([true, true, false]);
    const others = Array.from({ length: 60 }, (_, n) => gathering.hand(attestation(`b${n}`, full), 2_000));
    expect(others.indexOf(false)).toBe(Math.floor((16 * LIMITS.destructionsPerTransaction - 1) / full) - 2);
    gathering.settle(2_100);
    gathering.tick(2_100);
    expect(gathering.submitted).toHaveLength(2);
  });
});
