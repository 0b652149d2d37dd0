import { LIMITS, type StreamRequest } from '@eko/protocol';
import { TRANSACTIONS, type ReassignOrchestrators } from '@eko/protocol/ledger';
import type { EkoClient, EkoStream } from '@eko/sdk';
import { watchdogStep } from '../../../../client-sdk/sdk/src/client/setup-watchdog';
import { INITIATOR } from '../../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../../support/simulated/client-harness';
import { ManualClock } from '../../../support/simulated/manual-clock';
import { until } from '../../../support/until';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read'] };

describe('watchdogStep', () => {
  const base = {
    isExpired: false,
    state: 'accepted',
    acceptedForMs: 0,
    fence: 0,
    assignedForMs: 0,
    setupMs: 60_000,
    reassignAfterMs: 13_000,
  } as const;
  it.each([
    ['waits at first', {}, 'wait'],
    ['asks for other orchestrators when a lease has run out', { assignedForMs: 13_000 }, 'reassign'],
    ['leaves the last assignment its time', { fence: LIMITS.fences - 1, assignedForMs: 1e9 }, 'wait'],
    ['gives up after the set-up time', { acceptedForMs: 60_000, assignedForMs: 1 }, 'fail'],
    [
      'leaves the provider its time to consent',
      { state: 'requested', acceptedForMs: undefined, assignedForMs: 1e9 },
      'wait',
    ],
    ['leaves active streams alone', { state: 'active', acceptedForMs: 1e9, assignedForMs: 1e9 }, 'wait'],
    ['ends what has expired', { state: 'active', isExpired: true }, 'expire'],
    [
      'writes nothing of a request that nobody accepted: it lapses',
      { state: 'requested', isExpired: true, acceptedForMs: undefined },
      'wait',
    ],
    ['leaves ended bundles alone', { state: 'ended', isExpired: true }, 'wait'],
  ] as const)('%s', (_what, change, step) => {
    expect(watchdogStep({ ...base, ...change })).toBe(step);
  });
});

describe('a client whose request is not set up', () => {
  let harness: ClientHarness;
  let clock: ManualClock;
  let client: EkoClient;
  let stream: EkoStream;
  let reassignments: ReassignOrchestrators[];

  beforeEach(async () => {
    harness = new ClientHarness();
    harness.dealsAtOnce = false;
    clock = new ManualClock();
    clock.skip(Date.now() - clock.nowUnixMs());
    reassignments = [];
    harness.ledger.handle(TRANSACTIONS.reassignOrchestrators, (argument: ReassignOrchestrators) => {
      reassignments.push(argument);
      return { result: {} };
    });
    client = await harness.connect(INITIATOR, { clock });
    stream = await client.requestStream({ ...harness.policy, onLedgerLoss: 'continue' }, REQUEST);
    clock.advance(1_000);
  });
  afterEach(() => client.close());

  const called = (name: string): number => harness.ledger.calls.filter((call) => call.name === name).length;

  it('asks for others after the lease, not before, and names nobody', async () => {
    clock.advance(17_000);
    expect(called(TRANSACTIONS.reassignOrchestrators)).toBe(0);
    clock.skip(2_000);
    clock.advance(1_000);
    await until('others are asked for', () => reassignments.length > 0);
    expect(reassignments).toEqual([{ bundleId: stream.bundleId, fence: 0 }]);
  });

  it('ends the request as failed when the set-up time is over', async () => {
    const active = stream.whenActive();
    clock.skip(60_000);
    clock.advance(1_000);
    await expect(active).rejects.toMatchObject({ code: 'STREAM_ENDED', details: { reason: 'failed' } });
  });

  it('ends a request and its streams when they expire', async () => {
    harness.deal(stream.bundleId);
    await stream.whenActive();
    await stream.exportKey('archive', 32);
    clock.skip(600_000);
    clock.advance(1_000);
    await expect(stream.exportKey('archive', 32)).rejects.toMatchObject({
      code: 'STREAM_ENDED',
      details: { reason: 'expired' },
    });
    expect((await stream.whenEnded({ deadlineMs: 5_000 })).reason).toBe('expired');
  });
});
