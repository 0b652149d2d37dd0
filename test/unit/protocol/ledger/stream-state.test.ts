import { LIMITS } from '@eko/protocol';
import { lapseOf, type LapsingRecords } from '@eko/protocol/ledger';
import { bundleRecord } from '../../../support/data/ledger-facts';

const AT = 1_800_000_000_000;

const waiting = (change: { consentSeconds?: number; durationMs?: number } = {}): LapsingRecords => {
  const bundle = (({ offerId: _offerId, ...asked }) => asked)(bundleRecord());
  const { consentSeconds, durationMs = 3_600_000 } = change;
  const policy = { ...bundle.policy, ...(consentSeconds === undefined ? {} : { consentSeconds }) };
  return {
    bundle: { ...bundle, policy, requestedAtUnixMs: AT, notAfterUnixMs: AT + durationMs },
    dealings: [],
    ends: [],
  };
};

const accepted = (afterMs: number, records = waiting()): LapsingRecords => ({
  ...records,
  acceptance: { atUnixMs: AT + afterMs },
});

/** The moment from which on it has lapsed, and how, found by asking a millisecond before and after. */
function lapsesAt(records: LapsingRecords, dueMs: number): string | undefined {
  const atUnixMs = AT + dueMs + LIMITS.clockSkewMs;
  expect(lapseOf(records, atUnixMs - 1)).toBeUndefined();
  const lapse = lapseOf(records, atUnixMs);
  expect(lapse?.atUnixMs).toBe(AT + dueMs);
  return lapse?.reason;
}

describe('a bundle lapses', () => {
  it('as expired where nobody consents within ten minutes, or within the time it names', () => {
    expect(lapsesAt(waiting(), 600_000)).toBe('expired');
    expect(lapsesAt(waiting({ consentSeconds: 30 }), 30_000)).toBe('expired');
    expect(lapsesAt(waiting({ durationMs: 20_000 }), 20_000)).toBe('expired');
  });

  it('as failed where nobody deals it within the set-up limit after its consent', () => {
    expect(lapsesAt(accepted(5_000), 5_000 + LIMITS.setupLimitMs)).toBe('failed');
    const { bundle, ...rest } = waiting();
    const offered = { ...rest, bundle: { ...bundle, offerId: 'standing' } };
    expect(lapsesAt(offered, LIMITS.setupLimitMs)).toBe('failed');
  });

  it('as expired where its whole time is over before that', () => {
    expect(lapsesAt(accepted(5_000, waiting({ durationMs: 30_000 })), 30_000)).toBe('expired');
  });

  it('never, where an end or dealings are on record', () => {
    const never = AT + 1e12;
    expect(lapseOf({ ...accepted(1), dealings: [{}] }, never)).toBeUndefined();
    expect(lapseOf({ ...accepted(1), ends: [{}] }, never)).toBeUndefined();
  });
});
