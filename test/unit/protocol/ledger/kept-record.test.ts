import { KeptRecord, keptRecord } from '@eko/protocol/ledger';
import { parseWith } from '@eko/protocol/encoding';
import { dealingsRecord } from '../../../support/data/ledger-facts';

const record = dealingsRecord();
const [first] = record.dealings;

describe('what a node keeps of a record', () => {
  it('is the draw, and of each dealing its name and what is of this holder', () => {
    const { epoch, fence, by, txId, atUnixMs } = record;
    const kept = keptRecord(record, 2);
    expect(kept).toEqual({
      ...{ epoch, fence, by, txId, atUnixMs },
      selection: { witnesses: record.selection.witnesses },
      dealings: record.dealings.map(({ dealer, dealingId, sheetHash, envelopes }) => ({
        ...{ dealer, dealingId, sheetHash, envelopeHash: envelopes[2] },
      })),
    });
    expect(parseWith(KeptRecord, kept, 'record')).toEqual(kept);
  });

  it('is of no holder where the node is none', () => {
    for (const column of [undefined, -1])
      expect(keptRecord(record, column).dealings.every((dealing) => !('envelopeHash' in dealing))).toBe(true);
  });

  it('is the whole dealing where its dealer is to be proved to have abandoned it', () => {
    const kept = keptRecord(record, 2, ({ dealer }) => dealer === first?.dealer);
    expect(kept.abandoned).toEqual([first]);
    expect(parseWith(KeptRecord, kept, 'record')).toEqual(kept);
  });
});
