import { EkoError, type ErrorCode } from '@eko/protocol';
import type { Ledger } from '@eko/sdk';
import { checkClock } from '../../../../client-sdk/cli/src/doctor/check-clock';
import { checkEvents } from '../../../../client-sdk/cli/src/doctor/check-events';

const { signal } = new AbortController();

describe('the doctor, about the clock', () => {
  /** A contract that refuses so, one call after the other. */
  const clockOf = (...codes: readonly ErrorCode[]) => {
    const left = [...codes];
    const evaluate: Ledger['evaluate'] = () => {
      throw new EkoError(left.shift() ?? 'INTERNAL', 'refused');
    };
    return checkClock({ evaluate }, signal, 1_000);
  };

  it('believes nothing but the refusal that comes after the look at the clock', async () => {
    expect(await clockOf('NOT_FOUND')).toMatchObject({ status: 'ok' });
    for (const code of ['RATE_LIMITED', 'FORBIDDEN', 'INTERNAL', 'IDENTITY_NOT_CANONICAL'] as const)
      expect(await clockOf(code)).toMatchObject({ status: 'failure', code });
  });

  it('asks twice before it blames a clock, for a peer may have kept the question waiting', async () => {
    expect(await clockOf('CLOCK_SKEW', 'NOT_FOUND')).toMatchObject({ status: 'ok' });
    expect(await clockOf('CLOCK_SKEW', 'CLOCK_SKEW', 'NOT_FOUND')).toMatchObject({
      status: 'failure',
      code: 'CLOCK_SKEW',
    });
  });
});

describe('the doctor, about events', () => {
  const waits = { quietMs: 5, deadlineMs: 10 };
  /** A subscription that nobody refuses, and by which nothing comes. */
  const silent: Pick<Ledger, 'events'> = {
    // eslint-disable-next-line require-yield
    async *events({ signal: until }) {
      await new Promise<void>((resolve) => {
        until.addEventListener('abort', () => resolve(), { once: true });
      });
    },
  };

  it('takes silence for none only where there can be none', async () => {
    expect(await checkEvents(silent, () => Promise.resolve(false), signal, waits)).toMatchObject({
      status: 'ok',
    });
    expect(await checkEvents(silent, () => Promise.resolve(true), signal, waits)).toMatchObject({
      status: 'failure',
      code: 'DEADLINE_EXCEEDED',
    });
  });
});
