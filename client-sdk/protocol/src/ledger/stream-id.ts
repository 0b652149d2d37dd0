import { EkoError } from '../errors';
import { fits } from '../encoding/schema-check';
import { BundleId, StreamId } from './schemas/scalars';

/** A stream's name in its two parts. */
export interface StreamReference {
  /** UUID of the bundle. */
  readonly bundleId: string;
  /** Place of the stream in its bundle, from 0. */
  readonly index: number;
}

const FORM = 'a UUID in lower case, a slash and a number of at most three digits';

/** `bundleId/index`. */
export function formatStreamId({ bundleId, index }: StreamReference): string {
  return `${bundleId}/${index}`;
}

/**
 * Takes `bundleId/index` apart.
 * @throws EkoError `INVALID_ARGUMENT` for anything else
 */
export function parseStreamId(text: string): StreamReference {
  const [bundleId, index] = text.split('/');
  if (bundleId === undefined || index === undefined || !fits(StreamId, text)) {
    const what = fits(BundleId, text) ? 'this is a bundle alone: its first stream is that and /0' : FORM;
    throw new EkoError('INVALID_ARGUMENT', `A stream ID is bundleId/index: ${what}`);
  }
  return { bundleId, index: Number(index) };
}
