import { LIMITS, isEkoError } from '@eko/protocol';
import type { Ledger, Work } from '../../../../chaincode/src/domain/ledger-port';
import { retireParty, takePartyPlace } from '../../../../chaincode/src/domain/node-places';

const MSP = 'Org1MSP';
const NOW = 1_800_000_000_000;
const DAY_MS = 24 * 3600 * 1000;

/** The places of parties, each step a transaction of its own. */
class PartyPlaces {
  readonly #records = new Map<string, object>();
  nowUnixMs = NOW;

  take(mspId = MSP): Promise<void> {
    return takePartyPlace(mspId, this.#work());
  }

  retire(mspId = MSP): Promise<void> {
    return retireParty(mspId, this.#work());
  }

  async isRefused(): Promise<boolean> {
    return this.take().then(
      () => false,
      (error: unknown) => isEkoError(error, 'ROSTER_FULL'),
    );
  }

  #work(): Work {
    const ledger: Ledger = {
      get: (key) => Promise.resolve(this.#records.get(key)),
      put: (key, value) => {
        this.#records.set(key, value);
        return Promise.resolve();
      },
    };
    const submitter = { mspId: MSP, identity: '', attributes: new Map<string, string>() };
    const call = { txId: '', channel: '', nowUnixMs: this.nowUnixMs, submitter };
    const never = (): never => {
      throw new Error('nothing is verified here');
    };
    return { call, ledger, verify: { signature: never, vrf: never } };
  }
}

describe('the parties of an organisation', () => {
  it('are so many and no more, and those of another are counted by themselves', async () => {
    const places = new PartyPlaces();
    for (let n = 0; n < LIMITS.partiesPerMsp; n += 1) await places.take();
    expect(await places.isRefused()).toBe(true);
    await places.take('Org2MSP');
  });

  it('keep their place after they retire for as long as a stream of theirs may live', async () => {
    const places = new PartyPlaces();
    for (let n = 0; n < LIMITS.partiesPerMsp; n += 1) await places.take();
    await places.retire();
    await places.retire();
    expect(await places.isRefused()).toBe(true);
    places.nowUnixMs += 8 * DAY_MS;
    await places.take();
    await places.take();
    expect(await places.isRefused()).toBe(true);
  });
});
