import { randomUUID } from 'node:crypto';
import { EkoError } from '@eko/protocol';
import { Transfers, type Transfer } from '../../../../network/party/src/http/transfers';
import { codedError } from '../../../support/coded-error';

const STREAM = { bundleId: '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e', index: 0 };
const cut = new EkoError('STREAM_CUT', 'cut');

describe('the transfers of a party', () => {
  let transfers: Transfers;
  beforeEach(() => {
    transfers = new Transfers();
  });

  const isKnown = ({ transferId }: Transfer): boolean => {
    try {
      transfers.get(STREAM, transferId);
      return true;
    } catch {
      return false;
    }
  };

  it('never forget one that is under way, however many came and went since', () => {
    const living = transfers.begin(STREAM, 'receive');
    const first = transfers.begin(STREAM, 'send');
    first.finish();
    for (let n = 0; n < 5_000; n += 1) transfers.begin(STREAM, 'send').fail(cut);
    expect([isKnown(living), isKnown(first)]).toEqual([true, false]);
  });

  it('remember one that is over, and how it ended', () => {
    const [done, failed] = [transfers.begin(STREAM, 'send'), transfers.begin(STREAM, 'receive')];
    done.finish();
    failed.fail(cut);
    failed.fail(new EkoError('CANCELLED', 'later'));
    done.fail(cut);
    failed.finish();
    expect([done, failed].map(isKnown)).toEqual([true, true]);
    expect([done.state, done.failure, failed.state, failed.failure?.code]).toEqual([
      'done',
      undefined,
      'failed',
      'STREAM_CUT',
    ]);
  });

  it('take no name twice, whether its transfer is under way or over', () => {
    const transferId = randomUUID();
    const transfer = transfers.begin(STREAM, 'send', transferId);
    expect(codedError(() => transfers.begin(STREAM, 'send', transferId)).code).toBe('ALREADY_EXISTS');
    transfer.finish();
    expect(codedError(() => transfers.begin(STREAM, 'send', transferId)).code).toBe('ALREADY_EXISTS');
  });

  it('show a transfer only under its own stream', () => {
    const { transferId } = transfers.begin(STREAM, 'send');
    expect(codedError(() => transfers.get({ ...STREAM, index: 1 }, transferId)).code).toBe('NOT_FOUND');
  });

  it('refuse more at a time than a server has connections, until one ends', () => {
    const first = transfers.begin(STREAM, 'send');
    for (let n = 1; n < 1_024; n += 1) transfers.begin(STREAM, 'send');
    expect(codedError(() => transfers.begin(STREAM, 'send')).code).toBe('RATE_LIMITED');
    first.finish();
    expect(transfers.begin(STREAM, 'send').state).toBe('waiting');
  });
});
