import type { ByteReader } from '../encoding/byte-reader';
import { SecretBytes } from '../secret/secret-bytes';

/** Size of a share. */
export const SHARE_BYTES = 32;
/** Size of the salt of a commitment. */
export const SALT_BYTES = 32;
/** Size of a share with its place and salt: stream index (2), share index (1), share, salt. */
export const SHARE_ENTRY_BYTES = 3 + SHARE_BYTES + SALT_BYTES;

/** One holder's part of one stream of a dealing. */
export interface ShareEntry {
  readonly streamIndex: number;
  /** The place in the sharing; 0 for the part that both parties get whole. */
  readonly shareIndex: number;
  readonly share: SecretBytes<'share'>;
  /** Opens the commitment to this share, and no other. */
  readonly salt: SecretBytes<'share salt'>;
}

/** Shares that came out of a sealed message; whoever opened it disposes of them. */
export class OpenedShares<Entry extends ShareEntry = ShareEntry> implements Disposable {
  readonly entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
  }

  /** Wipes every share and salt. */
  dispose(): void {
    for (const { share, salt } of this.entries) {
      share.dispose();
      salt.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Writes one entry into a buffer that the caller wipes.
 * @throws RangeError where a field has another size
 */
export function writeShareEntry(target: Uint8Array, offset: number, entry: ShareEntry): void {
  const { streamIndex, shareIndex, share, salt } = entry;
  if (!fitsUnsigned(streamIndex, 0xffff) || !fitsUnsigned(shareIndex, 0xff)) {
    throw new RangeError('A stream index has 16 bits, a share index 8');
  }
  if (share.length !== SHARE_BYTES || salt.length !== SALT_BYTES) {
    throw new RangeError('A share and its salt have 32 bytes each');
  }
  target[offset] = streamIndex >>> 8;
  target[offset + 1] = streamIndex & 0xff;
  target[offset + 2] = shareIndex;
  share.use((bytes) => target.set(bytes, offset + 3));
  salt.use((bytes) => target.set(bytes, offset + 3 + SHARE_BYTES));
}

/** Reads one entry; share and salt are views into the message, wiped when they are disposed of. */
export function readShareEntry(reader: ByteReader): ShareEntry {
  const streamIndex = reader.uint16();
  const shareIndex = reader.uint8();
  const share = new SecretBytes('share', reader.take(SHARE_BYTES));
  const salt = new SecretBytes('share salt', reader.take(SALT_BYTES));
  return { streamIndex, shareIndex, share, salt };
}

function fitsUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
