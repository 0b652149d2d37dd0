import { EkoError } from '@eko/protocol';

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
