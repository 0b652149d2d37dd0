import { NO_PREVIOUS_RECEIPT } from '../../../../client-sdk/protocol/src/release/receipt';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import { openReleaseMessage, receiptHash, type KeyAgreementKey } from '@eko/protocol/crypto';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { ShareStore } from '../../../../network/witness/src/service/share-store';
import { releaseShares } from '../../../../network/witness/src/service/release-shares';
import { endRecord, nodeRecord, permitRecord, txId } from '../../../support/data/ledger-facts';
import { newGate } from '../../../support/gate';
import { rejectionOf } from '../../../support/coded-error';
import { nextTurn } from '../../../support/simulated/process-life';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

const BOUNDS = { permitLifetimeMs: 5_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 };
const NEVER = new AbortController().signal;

/** A witness with shares, the moment that its clocks show, and a receipt log that a test can stall. */
class ReleaseHarness {
  monotonicMs = 1;
  eventWaitMs = 60_000;
  /** For parties of which organisations the witness was to look at the ledger by itself. */
  readonly freshened: string[] = [];
  onReceipt: () => Promise<void> = () => Promise.resolve();

  private constructor(
    readonly witness: WitnessHarness,
    readonly activate: () => Promise<void>,
  ) {}

  static async open(streams = 3): Promise<ReleaseHarness> {
    const witness = await WitnessHarness.open(streams);
    const dealt = await witness.deal();
    await witness.take(witness.delivery(dealt));
    const record = witness.recordOf(dealt);
    return new ReleaseHarness(witness, () => witness.see({ name: 'DealingsRecorded', payload: { record } }));
  }

  release(
    permitTxId = txId(2),
    nodeId = this.witness.sample.bundle.initiator,
    streams: readonly number[] = [0],
  ): Promise<ReleaseAnswer> {
    const { book, shares, ledger, sample, turns } = this.witness;
    const { bundle } = sample;
    const party = nodeRecord(nodeId, 'party', { kem: sample.holderKey(bundle.initiator) });
    const releasing = {
      nodeId: 'witness-a',
      channel: ledger.channel,
      primitives: nodeHpkePrimitives,
      book,
      shares: new ShareStore(shares),
      turns,
      receipts: {
        append: async (receipt: object) => {
          await this.onReceipt();
          const chained = { ...receipt, sequence: 1, previousHash: NO_PREVIOUS_RECEIPT };
          return { receipt: chained as ReleaseAnswer['receipt'], signature: '' };
        },
      },
      bounds: BOUNDS,
      moment: () => ({
        monotonicMs: this.monotonicMs,
        unixMs: 1_000_700,
        beat: { seenAtMonotonicMs: this.monotonicMs, atUnixMs: 1_000_700 },
      }),
      freshen: (partyMsp: string) => {
        this.freshened.push(partyMsp);
        return Promise.resolve();
      },
      eventWaitMs: this.eventWaitMs,
    };
    const request = { bundleId: bundle.bundleId, epoch: 1, streams: [...streams], permitTxId };
    return releaseShares(releasing, party, request, NEVER);
  }
}

/** The places of the nodes that an answer holds, opened as the party. */
function placesIn({ witness }: ReleaseHarness, { receipt, sealed }: ReleaseAnswer): readonly string[] {
  const { bundle, keys } = witness.sample;
  const { channel, bundleId, epoch, party, permitTxId } = receipt;
  const context = { channel, bundleId, epoch, witness: receipt.witness, party, permitTxId };
  using opened = openReleaseMessage(
    {
      context,
      partyKey: keys.get(bundle.initiator) as KeyAgreementKey,
      receiptHash: receiptHash(receipt),
      sealed,
    },
    nodeHpkePrimitives,
  );
  return opened.released.flatMap(({ nodes }) => nodes.map(({ depth, position }) => `${depth}.${position}`));
}

type Stall = (harness: ReleaseHarness, stall: () => Promise<void>) => void;
const whileReading: Stall = ({ witness }, stall) => {
  witness.shares.onGet = stall;
};
const whileReceipting: Stall = (harness, stall) => {
  harness.onReceipt = stall;
};

describe('a release', () => {
  it.each([
    ['the shares are read', whileReading],
    ['the receipt is written', whileReceipting],
  ])('does not leave when the stream ends or the permit grows old while %s', async (_, stallAt) => {
    const ending = await ReleaseHarness.open();
    await ending.activate();
    let seen: Promise<void> | undefined;
    stallAt(ending, async () => {
      seen = ending.witness.see({ name: 'StreamsEnded', payload: { ends: [endRecord()] } });
      while (ending.witness.state.ended !== 'all') await nextTurn();
    });
    expect((await rejectionOf(ending.release())).code).toBe('STREAM_ENDED');
    await seen;
    const ageing = await ReleaseHarness.open();
    await ageing.activate();
    stallAt(ageing, () => {
      ageing.monotonicMs += BOUNDS.permitLifetimeMs;
      return Promise.resolve();
    });
    expect((await rejectionOf(ageing.release())).code).toBe('PERMIT_TOO_OLD');
  });

  it('lets only who has a permit make the witness look at the ledger by itself', async () => {
    const harness = await ReleaseHarness.open();
    await harness.activate();
    harness.eventWaitMs = 0;
    expect((await rejectionOf(harness.release(txId(77)))).code).toBe('NO_PERMIT');
    expect((await rejectionOf(harness.release(txId(2), 'stranger'))).code).toBe('NO_PERMIT');
    expect(harness.freshened).toEqual([]);
    await harness.release();
    expect(harness.freshened).toEqual(['Org1MSP']);
  });

  it('is made once on a permit', async () => {
    const harness = await ReleaseHarness.open();
    await harness.activate();
    expect((await harness.release()).receipt.permitTxId).toBe(txId(2));
    expect((await rejectionOf(harness.release())).code).toBe('PERMIT_USED');
  });

  it('waits for the event of its permit, and until that is on the disk', async () => {
    const harness = await ReleaseHarness.open();
    const seen: string[] = [];
    const disk = newGate();
    const write = harness.witness.store.batch.bind(harness.witness.store);
    harness.witness.store.batch = async (operations) => {
      await disk.wait;
      await write(operations);
      seen.push('permit on the disk');
    };
    harness.onReceipt = () => {
      seen.push('receipt');
      return Promise.resolve();
    };
    const released = harness.release();
    const activated = harness.activate();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    disk.open();
    await Promise.all([released, activated]);
    expect(seen.indexOf('permit on the disk')).toBe(0);
    expect(seen).toContain('receipt');
  });

  it('of the whole bundle is the root, and of a part no more than what gives that part', async () => {
    for (const [streams, places] of [
      [[0, 1, 2, 3, 4, 5, 6, 7], ['0.0']],
      [[4, 5, 6, 7], ['1.1']],
      [
        [0, 2, 3, 7],
        ['3.0', '2.1', '3.7'],
      ],
    ] as const) {
      const harness = await ReleaseHarness.open(8);
      await harness.activate();
      const answer = await harness.release(txId(2), harness.witness.sample.bundle.initiator, streams);
      expect(answer.receipt.streams).toEqual(streams);
      expect(placesIn(harness, answer)).toEqual(places);
    }
  });

  it('of what a permit for a part does not cover is refused as a whole', async () => {
    const harness = await ReleaseHarness.open(8);
    await harness.activate();
    const { bundle } = harness.witness.sample;
    const permit = permitRecord({ streams: [4, 5], party: bundle.initiator, txId: txId(9) });
    await harness.witness.see({ name: 'ReleaseAuthorized', payload: { permit } });
    const refused = harness.release(txId(9), bundle.initiator, [4, 5, 6]);
    expect((await rejectionOf(refused)).code).toBe('NO_PERMIT');
    const answer = await harness.release(txId(9), bundle.initiator, [4, 5]);
    expect(placesIn(harness, answer)).toEqual(['2.2']);
  });

  it('goes on while another stream is cut out of what is stored, and gives what it gave before', async () => {
    const harness = await ReleaseHarness.open(8);
    await harness.activate();
    const { witness } = harness;
    const { initiator } = witness.sample.bundle;
    const disk = newGate();
    const puts = newGate();
    witness.shares.onPut = () => {
      puts.open();
      return disk.wait;
    };
    const cut = witness.see({ name: 'StreamsEnded', payload: { ends: [endRecord({ index: 2 })] } });
    await puts.wait;
    const released = harness.release(txId(2), initiator, [0, 1, 4, 5, 6, 7]);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    disk.open();
    await cut;
    expect(placesIn(harness, await released)).toEqual(['2.0', '1.1']);
    expect(witness.shares.names.map((name) => name.split('/').at(-1))).toEqual(['2.0', '3.3', '1.1']);
  });

  it('is refused as of an ended stream when its stream is cut out before the release has its turn', async () => {
    const harness = await ReleaseHarness.open(8);
    await harness.activate();
    const { witness } = harness;
    const disk = newGate();
    const puts = newGate();
    witness.shares.onPut = () => {
      puts.open();
      return disk.wait;
    };
    const see = (index: number): Promise<void> =>
      witness.see({ name: 'StreamsEnded', payload: { ends: [endRecord({ index })] } });
    const first = see(2);
    await puts.wait;
    // The second cut waits for the first one, the release for the second, and by its turn that takes the third end too.
    const second = see(3);
    const released = rejectionOf(harness.release(txId(2), witness.sample.bundle.initiator, [4, 5]));
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    const third = see(5);
    disk.open();
    await Promise.all([first, second, third]);
    expect((await released).code).toBe('STREAM_ENDED');
  });
});
