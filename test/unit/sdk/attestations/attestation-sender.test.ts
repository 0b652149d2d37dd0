import { EkoError } from '@eko/protocol';
import {
  TRANSACTIONS,
  type Attestation,
  type AttestDestruction,
  type Destruction,
} from '@eko/protocol/ledger';
import { AttestationSender, type AttestationSenderDeps, type OwedDestruction } from '@eko/sdk/node';
import { nextTurn } from '../../../support/simulated/process-life';
import { FakeLedger } from '../../../support/simulated/fake-ledger';

const LEAD = 'orchestrator-a';
const BOUNDS = {
  ownAfterMs: 8_000,
  refusedAfterMs: 2_000,
  aheadMs: 2_000,
  againMs: 5_000,
  awayMs: 10_000,
  callMs: 1_000,
};

const owedOf = (
  bundleId: string,
  streams: Destruction['streams'] = 'all',
  gatherer = LEAD,
): OwedDestruction => ({ bundleId, epoch: 1, streams, gatherer });

const ungathered = (bundleId: string): OwedDestruction => ({ bundleId, epoch: 1, streams: 'all' });

/** A holder, the gatherers that it hands to, and the ledger that it submits to. */
function newHolder(change: Partial<AttestationSenderDeps> = {}) {
  const handed: (readonly [string, readonly Destruction[]])[] = [];
  const submitted: Attestation[] = [];
  const at = { nowMs: 0, isAway: false, isLedgerAway: false };
  const ledger = new FakeLedger().handle(
    TRANSACTIONS.attestDestruction,
    ({ attestations }: AttestDestruction) => {
      if (at.isLedgerAway) throw new EkoError('LEDGER_UNAVAILABLE', 'away');
      submitted.push(...attestations);
      return { result: { skipped: [] } };
    },
  );
  const sender = new AttestationSender({
    nodeId: 'initiator',
    sign: () => new Uint8Array(64),
    ledger,
    hand: (gatherer, { destructions }) => {
      if (at.isAway) return Promise.reject(new EkoError('PEER_UNAVAILABLE', 'away'));
      handed.push([gatherer, destructions]);
      return Promise.resolve();
    },
    monotonicMs: () => at.nowMs,
    bounds: BOUNDS,
    observer: { submitted: () => undefined, refused: () => undefined },
    ...change,
  });
  const turn = async (nowMs: number, ...owed: OwedDestruction[]) => {
    at.nowMs = nowMs;
    await sender.turn(owed);
    await nextTurn();
  };
  const namesOf = (destructions: readonly Destruction[]) => destructions.map(({ bundleId }) => bundleId);
  return {
    turn,
    at,
    /** The bundles that went to each gatherer, and those that this node submitted. */
    get handed() {
      return handed.map(([gatherer, destructions]) => [gatherer, ...namesOf(destructions)]);
    },
    get submitted() {
      return submitted.map(({ destructions }) => namesOf(destructions));
    },
    attestations: submitted,
    handedStreams: () => handed.flatMap(([, destructions]) => destructions.map(({ streams }) => streams)),
  };
}

describe('a holder that owes attestations', () => {
  it('hands them to who leads their bundles, once, and submits nothing while the ledger shows them in time', async () => {
    const holder = newHolder();
    const owed = [owedOf('1'), owedOf('2'), owedOf('3', 'all', 'orchestrator-b')];
    await holder.turn(0, ...owed);
    await holder.turn(1_000, ...owed, owedOf('4'));
    await holder.turn(9_000);
    expect(holder.handed).toEqual([
      [LEAD, '1', '2'],
      ['orchestrator-b', '3'],
      [LEAD, '4'],
    ]);
    expect(holder.submitted).toEqual([]);
  });

  it('submits itself what the ledger has not shown in time, with what is due soon, and again until it does', async () => {
    const holder = newHolder();
    await holder.turn(0, owedOf('1'));
    await holder.turn(1_500, owedOf('1'), owedOf('2'));
    await holder.turn(4_000, owedOf('1'), owedOf('2'), owedOf('3'));
    await holder.turn(7_999, owedOf('1'), owedOf('2'), owedOf('3'));
    expect(holder.submitted).toEqual([]);
    await holder.turn(8_000, owedOf('1'), owedOf('2'), owedOf('3'));
    expect(holder.submitted).toEqual([['1', '2']]);
    await holder.turn(8_500, owedOf('1'), owedOf('3'));
    expect(holder.submitted).toHaveLength(1);
    await holder.turn(13_000, owedOf('1'), owedOf('3'));
    expect(holder.submitted).toEqual([['1', '2'], ['3', '1'].sort()]);
  });

  it('submits sooner what its gatherer did not take, and leaves that one alone for a while', async () => {
    const holder = newHolder();
    holder.at.isAway = true;
    await holder.turn(0, owedOf('1'));
    await holder.turn(1_000, owedOf('1'), owedOf('2'));
    holder.at.isAway = false;
    await holder.turn(2_000, owedOf('1'), owedOf('2'));
    expect([holder.handed, holder.submitted]).toEqual([[], [['1']]]);
    await holder.turn(10_500, owedOf('2'));
    expect(holder.handed).toEqual([[LEAD, '2']]);
  });

  it('hands over what has ended since, and nothing less', async () => {
    const holder = newHolder();
    await holder.turn(0, owedOf('1', [3]));
    await holder.turn(100, owedOf('1', [3]));
    await holder.turn(200, owedOf('1', [3, 5]));
    await holder.turn(300, owedOf('1', [5]));
    await holder.turn(400, owedOf('1', 'all'));
    expect(holder.handedStreams()).toEqual([[3], [3, 5], 'all']);
  });

  it('asks a gatherer one thing at a time', async () => {
    let answer = (): void => undefined;
    const asked: string[] = [];
    const holder = newHolder({
      hand: (gatherer) => {
        asked.push(gatherer);
        return new Promise<void>((resolve) => {
          answer = resolve;
        });
      },
    });
    await holder.turn(0, owedOf('1'));
    await holder.turn(100, owedOf('1'), owedOf('2'));
    expect(asked).toHaveLength(1);
    answer();
    await nextTurn();
    await holder.turn(200, owedOf('1'), owedOf('2'));
    expect(asked).toHaveLength(2);
  });

  it('submits at once what nobody gathers, and after a pause what the ledger did not take', async () => {
    const holder = newHolder();
    await holder.turn(0, ungathered('1'));
    expect(holder.submitted).toEqual([['1']]);
    holder.at.isLedgerAway = true;
    await holder.turn(100, ungathered('2'));
    holder.at.isLedgerAway = false;
    await holder.turn(101, ungathered('2'));
    expect(holder.submitted).toHaveLength(1);
    await holder.turn(700, ungathered('2'));
    expect(holder.submitted).toEqual([['1'], ['2']]);
  });

  it('shows a witness’s receipts, and signs what it says of them', async () => {
    const receipts = { number: 7, hash: 'h' };
    const signed: Uint8Array[] = [];
    const holder = newHolder({
      hand: undefined,
      receiptHead: () => receipts,
      sign: (message) => {
        signed.push(message);
        return new Uint8Array(64);
      },
    });
    await holder.turn(0, owedOf('1'));
    expect(holder.attestations).toMatchObject([{ nodeId: 'initiator', receipts }]);
    expect(Buffer.from(signed[0] ?? []).toString()).toContain('"receipts":{"hash":"h","number":7}');
  });
});
