import { sha256 } from '@noble/hashes/sha2';
import { uint32Bytes } from '../encoding/bytes';
import { dealingContextHash, type DealingContext } from './dealing-context';
import { LABELS } from '../crypto/key-labels';
import { labelledBytes } from '../crypto/labelled-hash';
import type { ShareEntry } from './share-entry';

/**
 * The public, hiding commitment to one share: SHA-256 over its place, its salt and itself.
 *
 * @param holder - node ID of who holds the share
 * @returns 32 bytes
 * @see docs/protocol.md, "3. Dealing"
 */
export function shareCommitment(context: DealingContext, holder: string, entry: ShareEntry): Uint8Array {
  return entry.salt.use((salt) =>
    entry.share.use((share) => {
      const opening = labelledBytes(
        LABELS.shareCommitment,
        dealingContextHash(context),
        uint32Bytes(entry.streamIndex),
        holder,
        uint32Bytes(entry.shareIndex),
        salt,
        share,
      );
      const commitment = sha256(opening);
      opening.fill(0);
      return commitment;
    }),
  );
}
