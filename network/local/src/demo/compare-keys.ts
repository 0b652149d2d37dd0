import { createHash } from 'node:crypto';
import { DEV_EXPORT_LABEL } from '../dev/node-configuration';
import type { Stage } from './stage';

const KEY_BYTES = 32;
const SHOWN_HEX_DIGITS = 16;

/** Both parties derive a key of their own accord; a hash of it is compared and shown, never the key. */
export async function compareKeys(
  { initiator, provider, timeline }: Stage,
  streamId: string,
  what: string,
): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [initiator, provider].map(async ({ api }) => {
      const key = await api.exportKey(streamId, DEV_EXPORT_LABEL, KEY_BYTES);
      const digest = createHash('sha256').update(key).digest('hex');
      key.fill(0);
      return digest.slice(0, SHOWN_HEX_DIGITS);
    }),
  );
  timeline.claim(
    what,
    ours !== undefined && ours === theirs,
    `check values ${ours ?? '-'} = ${theirs ?? '-'}`,
  );
}
