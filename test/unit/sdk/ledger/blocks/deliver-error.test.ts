import { EkoError } from '@eko/protocol';
import { deliverError } from '../../../../../client-sdk/sdk/src/ledger/blocks/deliver-error';

describe('a block subscription that a peer ends', () => {
  it.each([
    ['403', 'FORBIDDEN'],
    ['404', 'INVALID_CONFIG'],
    ['503', 'LEDGER_UNAVAILABLE'],
  ])('with status %s fails as %s', (status, code) => {
    const error = new Error(`Unexpected status response: ${status}`);
    expect(deliverError(error)).toMatchObject({ code, cause: error });
  });

  it('keeps what is one of ours already', () => {
    const error = new EkoError('CORRUPT_RECORD', 'no block');
    expect(deliverError(error)).toBe(error);
  });
});
