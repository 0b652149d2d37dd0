import { EkoError } from '@eko/protocol';
import { EVENTS, TRANSACTIONS } from '@eko/protocol/ledger';
import { SeenBeats } from '@eko/node-kit';
import { OwnBeat } from '../../../../network/witness/src/service/own-beat';
import { at, hash } from '../../../support/data/ledger-facts';

const BOUNDS = { permitLifetimeMs: 5_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 };
const UNIX_MS = 1_000_000;
const HEAD = { number: 7, hash: hash('h') };

/** A witness of Org1MSP whose heartbeats come back at once, or not. */
function newWitness(outcome: 'comes back' | 'is late' | 'is refused', waitMs: number) {
  const submitted: unknown[] = [];
  const codes: string[] = [];
  const log = { head: HEAD, nowMs: 0 };
  const beats = new SeenBeats({ nodeId: 'witness', mspOf: () => 'Org1MSP', monotonicMs: () => 1 });
  const see = (atUnixMs: number): void =>
    beats.apply(at(1, { name: EVENTS.heartbeat, payload: { nodeId: 'witness', atUnixMs } }));
  const ownBeat = new OwnBeat({
    nodeId: 'witness',
    ledger: {
      submit: async (name: string, argument: unknown) => {
        submitted.push([name, argument]);
        await Promise.resolve();
        if (outcome === 'is refused') throw new EkoError('LEDGER_UNAVAILABLE', 'away');
        // What comes late is of no use: it shows how the ledger stood long ago.
        see(outcome === 'comes back' ? UNIX_MS : UNIX_MS - 60_000);
        return { txId: '', blockNumber: 1n, result: {} };
      },
    },
    beats,
    bounds: BOUNDS,
    moment: (partyMsp) => ({ monotonicMs: 1, unixMs: UNIX_MS, beat: beats.newestApartFrom(partyMsp) }),
    receiptHead: () => log.head,
    waitMs,
    monotonicMs: () => log.nowMs,
    showReceiptsMs: 60_000,
    observer: { warned: (code) => codes.push(code) },
  });
  return { ownBeat, beats, submitted, codes, see, log };
}

describe('a witness that is shown no heartbeat from outside a party’s organisation', () => {
  it('gives one itself, which counts once it has come back, for all that wait', async () => {
    const { ownBeat, beats, submitted } = newWitness('comes back', 60_000);
    await Promise.all([ownBeat.freshen('Org1MSP'), ownBeat.freshen('Org1MSP'), ownBeat.freshen('Org2MSP')]);
    expect(submitted).toEqual([[TRANSACTIONS.heartbeat, { nodeId: 'witness', receipts: HEAD }]]);
    expect(beats.newestApartFrom('Org1MSP')?.atUnixMs).toBe(UNIX_MS);
    await ownBeat.freshen('Org1MSP');
    expect(submitted).toHaveLength(1);
  });

  it('goes on without, and leaves the refusal to the bounds, where it does not come back in time', async () => {
    const late = newWitness('is late', 0);
    await late.ownBeat.freshen('Org1MSP');
    expect(late.beats.newestApartFrom('Org1MSP')?.atUnixMs).toBe(UNIX_MS - 60_000);
    const refused = newWitness('is refused', 0);
    await refused.ownBeat.freshen('Org1MSP');
    expect(refused.codes).toEqual(['LEDGER_UNAVAILABLE']);
    expect(refused.beats.newestApartFrom('Org1MSP')).toBeUndefined();
  });
});

describe('a witness whose receipts only others have shown', () => {
  const NEXT = { number: 8, hash: hash('i') };
  const gathered = (by: string) =>
    at(1, {
      name: EVENTS.destructionAttested,
      payload: {
        record: {
          attestations: [{ nodeId: 'witness', destructions: [], receipts: NEXT, signature: '' }],
          by,
          txId: '',
          atUnixMs: UNIX_MS,
        },
      },
    });

  it('shows them itself after a while, once, for by its own word the ledger measures its next one', async () => {
    const { ownBeat, submitted, log } = newWitness('comes back', 0);
    log.nowMs = 70_000;
    await ownBeat.showReceipts();
    expect(submitted).toEqual([]);
    log.head = NEXT;
    ownBeat.apply(gathered('orchestrator'));
    await ownBeat.showReceipts();
    expect(submitted).toEqual([[TRANSACTIONS.heartbeat, { nodeId: 'witness', receipts: NEXT }]]);
    ownBeat.apply(
      at(2, { name: EVENTS.heartbeat, payload: { nodeId: 'witness', atUnixMs: 1, receipts: NEXT } }),
    );
    log.nowMs += 70_000;
    await ownBeat.showReceipts();
    expect(submitted).toHaveLength(1);
  });

  it('need not where it attested itself, nor sooner than a while after', async () => {
    const own = newWitness('comes back', 0);
    own.log.head = NEXT;
    own.log.nowMs = 30_000;
    own.ownBeat.apply(gathered('witness'));
    own.log.nowMs = 200_000;
    await own.ownBeat.showReceipts();
    own.log.head = { number: 9, hash: hash('j') };
    own.ownBeat.apply(
      at(2, { name: EVENTS.heartbeat, payload: { nodeId: 'witness', atUnixMs: 1, receipts: NEXT } }),
    );
    own.log.nowMs += 59_000;
    await own.ownBeat.showReceipts();
    expect(own.submitted).toEqual([]);
    own.log.nowMs += 1_000;
    await own.ownBeat.showReceipts();
    expect(own.submitted).toHaveLength(1);
  });
});
