import '@eko/embedded-ledger';
import { witnessesOf, type BundleView, type Selection } from '@eko/protocol';
import type { Ledger } from '@eko/sdk';
import { verifySelection } from '../../../client-sdk/cli/src/nodes/verify-selection';
import { selectionOf } from '../../support/history/recorded-history';
import { LiveNetwork } from '../../support/orchestrator/live-network';

describe('a draw that is done again', () => {
  let network: LiveNetwork;
  let ledger: Ledger;
  let view: BundleView;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 5 });
    ({ ledger } = network.party('initiator'));
    view = await network.until(await network.request({ streams: 2 }), ({ dealings }) => dealings.length > 0);
  }, 60_000);
  afterAll(() => network.stop(), 30_000);

  /** Checks the first stream of a ledger that has another draw on record. */
  const verify = (change: (selection: Selection) => Selection = (same) => same) => {
    const dealings = view.dealings.map((record) => ({ ...record, selection: change(record.selection) }));
    const evaluate = () => Promise.resolve({ ...view, dealings });
    const forged = { channel: ledger.channel, evaluate, events: ledger.events.bind(ledger) };
    return verifySelection(
      forged as unknown as Ledger,
      `${view.bundle.bundleId}/0`,
      new AbortController().signal,
    );
  };

  it('names the witnesses of the stream', async () => {
    const drawn = witnessesOf(selectionOf(view), 0);
    expect(await verify()).toMatchObject({ drawn, seed: selectionOf(view).seed });
  });

  it.each<[string, (selection: Selection) => Selection]>([
    [
      'of the stream',
      ({ draws: [first = [], ...others], ...same }) => ({ ...same, draws: [first.toReversed(), ...others] }),
    ],
    [
      'of another stream of its bundle',
      ({ draws: [first = [], second = []], ...same }) => ({ ...same, draws: [first, second.toReversed()] }),
    ],
    ['with another seed', (same) => ({ ...same, seed: `${'x'.repeat(42)}A` })],
  ])('refuses another draw on record: %s', async (_title, change) => {
    await expect(verify(change)).rejects.toMatchObject({ code: 'SELECTION_MISMATCH' });
  });
});
