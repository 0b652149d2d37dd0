import { EkoError } from '@eko/protocol';

/** The `EkoError` that an action throws; anything else, or nothing, fails the test. */
export function codedError(action: () => unknown): EkoError {
  try {
    action();
  } catch (error) {
    if (error instanceof EkoError) return error;
    throw error;
  }
  throw new Error('expected an EkoError, and nothing was thrown');
}

/** What an action gives, or `undefined` if it refuses with an `EkoError`; any other error fails the test. */
export function acceptedOr<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof EkoError) return undefined;
    throw error;
  }
}

/** The coded error that `action` fails with; anything else fails the test. */
export async function rejectionOf(action: Promise<unknown> | (() => unknown)): Promise<EkoError> {
  try {
    await (typeof action === 'function' ? action() : action);
  } catch (error) {
    if (error instanceof EkoError) return error;
    throw error;
  }
  throw new Error('expected a rejection');
}
