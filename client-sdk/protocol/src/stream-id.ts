import { EkoError } from './errors';
import { parseWith } from './schema-check';
import { StreamId } from './schemas/scalars';

/** A stream's name in its two parts. */
export interface StreamReference {
  readonly bundleId: string;
  readonly index: number;
}

/** `bundleId/index`. */
export function formatStreamId({ bundleId, index }: StreamReference): string {
  return `${bundleId}/${index}`;
}

/**
 * Takes `bundleId/index` apart.
 * @throws EkoError `INVALID_ARGUMENT` for anything else
 */
export function parseStreamId(text: string): StreamReference {
  const checked = parseWith(StreamId, text, 'stream ID');
  const [bundleId, index] = checked.split('/');
  if (bundleId === undefined || index === undefined)
    throw new EkoError('INVALID_ARGUMENT', 'A stream ID is bundleId/index');
  return { bundleId, index: Number(index) };
}
