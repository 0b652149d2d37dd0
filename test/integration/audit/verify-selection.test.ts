import '@eko/embedded-ledger';
import { EVENTS, witnessesOf } from '@eko/protocol';
import { readFabricProfile } from '@eko/sdk';
import { LedgerHistory } from '../../../client-sdk/audit/dist/ledger-history';
import { selectionIn, verifySelection } from '../../../client-sdk/audit/dist/verify-selection';
import { commandLine } from '../../support/cli/command-line';
import { PlantedHistory } from '../../support/history/planted-history';
import {
  WITNESSES,
  recordHistory,
  selectionOf,
  type RecordedHistory,
} from '../../support/history/recorded-history';
import { spoil } from '../../support/history/spoilt-block';
import { codedError } from '../../support/coded-error';
import { temporaryFolders } from '../../support/node-kit/temporary-folder';
import { LiveNetwork } from '../../support/orchestrator/live-network';

const newFolder = temporaryFolders();

describe('a draw that is done again', () => {
  let network: LiveNetwork;
  let recorded: RecordedHistory;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: WITNESSES.length });
    recorded = await recordHistory(network, newFolder());
  }, 90_000);
  afterAll(() => network.stop(), 30_000);

  const streamId = (): string => `${recorded.halfEnded.bundle.bundleId}/0`;
  /** Draws again in a copy of what happened, in which something was changed. */
  const drawIn = (plant: (history: PlantedHistory) => void) => {
    const planted = new PlantedHistory(recorded.blocks, recorded.receipts);
    plant(planted);
    const history = new LedgerHistory('live-channel', Date.now() + 60_000);
    for (const block of planted.blocks) history.apply(block);
    return selectionIn(history, streamId());
  };

  it('names the witnesses of the stream, from blocks that it has checked', async () => {
    const drawn = witnessesOf(selectionOf(recorded.halfEnded), 0);
    const { status, stdout } = await commandLine([
      ...['verify', 'selection', streamId(), '--profile', recorded.profile, '--json'],
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      matches: true,
      drawn,
      seed: selectionOf(recorded.halfEnded).seed,
    });
  });

  it('believes no peer that gives other blocks', async () => {
    const { channel, chaincode } = await readFabricProfile(recorded.profile);
    const spoilt = spoil(recorded.serialized[2], (envelope) => {
      envelope.setSignature(Buffer.from('nobody'));
    });
    for (const block of [spoilt.withOldHash, spoilt.withOwnHash]) {
      const blocks = recorded.serialized.with(2, block);
      const verified = verifySelection({ channel, chaincode, blocks, nowUnixMs: Date.now() }, streamId());
      await expect(verified).rejects.toMatchObject({ code: 'HISTORY_VIOLATED' });
    }
  });

  it.each<[string, (history: PlantedHistory) => void]>([
    [
      'of the stream',
      (history) => {
        history.transaction(EVENTS.dealingsRecorded).event.payload.record.selection.draws[0]?.reverse();
      },
    ],
    [
      'of another stream of its bundle',
      (history) => {
        history.transaction(EVENTS.dealingsRecorded).event.payload.record.selection.draws[1]?.reverse();
      },
    ],
    [
      'with another seed',
      (history) => {
        history.transaction(EVENTS.dealingsRecorded).event.payload.record.selection.seed =
          `${'x'.repeat(42)}A`;
      },
    ],
    [
      'by hand-picked orchestrators',
      (history) => {
        history.transaction(EVENTS.streamsRequested).event.payload.assignment?.orchestrators.reverse();
      },
    ],
  ])('refuses another draw on record: %s', (_title, plant) => {
    expect(codedError(() => drawIn(plant)).code).toBe('SELECTION_MISMATCH');
  });
});
