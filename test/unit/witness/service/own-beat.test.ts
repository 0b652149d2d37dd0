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
    receiptHead: () => HEAD,
    waitMs,
    observer: { warned: (code) => codes.push(code) },
  });
  return { ownBeat, beats, submitted, codes, see };
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
