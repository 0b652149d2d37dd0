import { sha256 } from '@noble/hashes/sha2';
import { decodeBase64Url } from '../encoding/base64url';
import { ByteReader } from '../encoding/byte-reader';
import { uint16Bytes } from '../encoding/bytes';
import { dealingContextHash, type DealingContext } from './dealing-context';
import { unopenable } from '../crypto/hpke';
import type { HpkePrimitives, KeyAgreementKey } from '../crypto/hpke-primitives';
import { LABELS } from '../crypto/key-labels';
import { HASH_BYTES, labelledBytes } from '../crypto/labelled-hash';
import { LIMITS } from '../limits';
import { openMessage, sealMessage } from '../crypto/sealed-message';
import {
  OpenedShares,
  SHARE_ENTRY_BYTES,
  readShareEntry,
  writeShareEntry,
  type ShareEntry,
} from './share-entry';

const COUNT_BYTES = 2;

/**
 * Seals all of a holder's parts of a dealing in one envelope, which opens for this holder and this dealing alone.
 *
 * @param sheetHash - base64url SHA-256 of the dealing's commitment sheet
 * @param entries - in order of their stream index, one for each stream that the holder serves; they stay the caller's
 * @throws EkoError `INVALID_KEY` where the holder's key is unusable
 * @throws RangeError where the entries are out of order, doubled, none or too many
 * @see docs/protocol.md, "3. Dealing"
 */
export function sealShareEnvelope(
  input: {
    readonly context: DealingContext;
    readonly holder: string;
    readonly holderPublicKey: Uint8Array;
    readonly sheetHash: string;
    readonly entries: readonly ShareEntry[];
  },
  primitives: HpkePrimitives,
): Uint8Array {
  const { context, holder, holderPublicKey, sheetHash, entries } = input;
  if (!isShareList(entries))
    throw new RangeError('Shares go in order of their stream index, each stream once');
  const plaintext = new Uint8Array(COUNT_BYTES + entries.length * SHARE_ENTRY_BYTES);
  plaintext.set(uint16Bytes(entries.length));
  entries.forEach((entry, place) =>
    writeShareEntry(plaintext, COUNT_BYTES + place * SHARE_ENTRY_BYTES, entry),
  );
  return sealMessage(
    {
      recipientPublicKey: holderPublicKey,
      info: envelopeInfo(context, holder, holderPublicKey),
      aad: decodeBase64Url(sheetHash, HASH_BYTES),
      plaintext,
    },
    primitives,
  );
}

/**
 * Opens an envelope as its holder. The caller checks the shares with `verifyHolderShares` and disposes of them.
 *
 * @throws EkoError `ENVELOPE_INVALID`, one text for every reason: cut, changed, for another holder, stream or epoch
 */
export function openShareEnvelope(
  input: {
    readonly context: DealingContext;
    readonly holder: string;
    readonly holderKey: KeyAgreementKey;
    readonly sheetHash: string;
    readonly envelope: Uint8Array;
  },
  primitives: HpkePrimitives,
): OpenedShares {
  const { context, holder, holderKey, sheetHash, envelope } = input;
  const plaintext = openMessage(
    {
      recipientKey: holderKey,
      info: envelopeInfo(context, holder, holderKey.publicKey),
      aad: decodeBase64Url(sheetHash, HASH_BYTES),
      sealed: envelope,
      maxBytes: LIMITS.envelopeBytes,
    },
    primitives,
  );
  try {
    return decodeShareList(plaintext);
  } catch {
    plaintext.fill(0);
    throw unopenable();
  }
}

function envelopeInfo(context: DealingContext, holder: string, holderPublicKey: Uint8Array): Uint8Array {
  return labelledBytes(LABELS.shareEnvelope, dealingContextHash(context), holder, sha256(holderPublicKey));
}

function decodeShareList(plaintext: Uint8Array): OpenedShares {
  const reader = new ByteReader(plaintext, 'ENVELOPE_INVALID', 'The share list');
  const count = reader.uint16();
  if (reader.remaining !== count * SHARE_ENTRY_BYTES) throw unopenable();
  const entries = Array.from({ length: count }, () => readShareEntry(reader));
  if (!isShareList(entries)) throw unopenable();
  return new OpenedShares(entries);
}

function isShareList(entries: readonly ShareEntry[]): boolean {
  return (
    entries.length > 0 &&
    entries.length <= LIMITS.requestsPerBundle &&
    entries.every(
      ({ streamIndex }, place) =>
        streamIndex > (entries[place - 1]?.streamIndex ?? -1) && streamIndex < LIMITS.requestsPerBundle,
    )
  );
}
