import { SecretBytes } from '@eko/protocol';
import { SHARE_BYTES, type ShareEntry } from '@eko/protocol/crypto';

/** A share followed by its salt, as the vault keeps them; both parts stay the caller's. */
export function joinShare({ share, salt }: Pick<ShareEntry, 'share' | 'salt'>): SecretBytes<'share'> {
  const bytes = new Uint8Array(share.length + salt.length);
  share.use((part) => {
    bytes.set(part);
  });
  salt.use((part) => {
    bytes.set(part, share.length);
  });
  return new SecretBytes('share', bytes);
}

/** Copies of the two parts of what `joinShare` made; the caller disposes of them. */
export function splitShare(kept: SecretBytes<'share'>): Pick<ShareEntry, 'share' | 'salt'> {
  return kept.use((bytes) => ({
    share: new SecretBytes('share', bytes.slice(0, SHARE_BYTES)),
    salt: new SecretBytes('share salt', bytes.slice(SHARE_BYTES)),
  }));
}
