import { status } from '@grpc/grpc-js';
import { gatewayError } from '../../client-sdk/sdk/src/ledger/gateway-errors';
import type { LedgerUnderTest } from './ledger-under-test';

/** Expects that a transaction's sending failed because it is not ordered, and that a client hears why where it can. */
export async function expectUnordered(
  { tellsWhyNotOrdered }: LedgerUnderTest,
  sending: Promise<unknown>,
  why: { readonly text: RegExp; readonly code: string },
): Promise<void> {
  const error: unknown = await sending.catch((each: unknown) => each);
  if (tellsWhyNotOrdered) {
    const message = expect.stringMatching(why.text) as string;
    expect(error).toMatchObject({ name: 'SubmitError', code: status.ABORTED, message });
    expect(gatewayError(error, 'submit')).toMatchObject({ code: why.code });
  } else {
    const message = expect.stringContaining('insufficient number of orderers') as string;
    expect(error).toMatchObject({ name: 'SubmitError', code: status.UNAVAILABLE, message });
  }
}
