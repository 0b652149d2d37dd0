import '@eko/embedded-ledger';
import { EVENTS } from '@eko/protocol/ledger';
import { readFabricProfile } from '@eko/sdk';
import { LedgerHistory } from '../../../client-sdk/audit/dist/ledger-history';
import { selectionIn, verifySelection } from '../../../client-sdk/audit/dist/verify-selection';
import { commandLine } from '../../support/in-process/command-line';
import type { PlantedHistory } from '../../history/planted-history';
import { selectionOf, undrawnWitness } from './recorded-history';
import { RecordedScene } from './recorded-scene';
import { spoil } from './spoilt-block';
import { codedError } from '../../support/coded-error';

describe('a draw that is done again', () => {
  const scene = RecordedScene.prepare();

  const streamId = (): string => `${scene.recorded.halfEnded.bundle.bundleId}/0`;
  /** Draws again in a copy of what happened, in which something was changed. */
  const drawIn = (plant: (history: PlantedHistory) => void) => {
    const planted = scene.planted();
    plant(planted);
    const history = new LedgerHistory('live-channel', Date.now() + 60_000);
    for (const block of planted.blocks) history.apply(block);
    return selectionIn(history, streamId());
  };

  it('names the witnesses of the stream, from blocks that it has checked', async () => {
    const drawn = selectionOf(scene.recorded.halfEnded).witnesses;
    const { status, stdout } = await commandLine([
      ...['verify', 'selection', streamId(), '--profile', scene.recorded.profile, '--json'],
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      matches: true,
      drawn,
      seed: selectionOf(scene.recorded.halfEnded).seed,
    });
  });

  it('believes no peer that gives other blocks', async () => {
    const { channel, chaincode } = await readFabricProfile(scene.recorded.profile);
    const spoilt = spoil(scene.recorded.serialized[2], (envelope) => {
      envelope.setSignature(Buffer.from('nobody'));
    });
    for (const block of [spoilt.withOldHash, spoilt.withOwnHash]) {
      const blocks = scene.recorded.serialized.with(2, block);
      const verified = verifySelection({ channel, chaincode, blocks, nowUnixMs: Date.now() }, streamId());
      await expect(verified).rejects.toMatchObject({ code: 'HISTORY_VIOLATED' });
    }
  });

  it.each<[string, (history: PlantedHistory) => void]>([
    [
      'in another order',
      (history) => {
        history.transaction(EVENTS.dealingsRecorded).event.payload.record.selection.witnesses.reverse();
      },
    ],
    [
      'with another witness',
      (history) => {
        const { selection } = history.transaction(EVENTS.dealingsRecorded).event.payload.record;
        selection.witnesses[0] = undrawnWitness(scene.recorded.halfEnded);
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
