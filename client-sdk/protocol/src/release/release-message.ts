import { sha256 } from '@noble/hashes/sha2';
import { decodeBase64Url } from '../encoding/base64url';
import { ByteReader } from '../encoding/byte-reader';
import { concatBytes, uint16Bytes, uint32Bytes } from '../encoding/bytes';
import { unopenable } from '../crypto/hpke';
import type { HpkePrimitives, KeyAgreementKey } from '../crypto/hpke-primitives';
import { LABELS, PROTOCOL_VERSION } from '../crypto/key-labels';
import { HASH_BYTES, labelledBytes } from '../crypto/labelled-hash';
import { LIMITS } from '../limits';
import { openMessage, sealMessage } from '../crypto/sealed-message';
import {
  OpenedShares,
  SHARE_ENTRY_BYTES,
  readShareEntry,
  writeShareEntry,
  type ShareEntry,
} from '../dealing/share-entry';
import { utf8Decode, utf8Encode } from '../encoding/utf8';

/** Which release: everything that the sealed answer is bound to. */
export interface ReleaseContext {
  readonly channel: string;
  readonly bundleId: string;
  readonly epoch: number;
  readonly witness: string;
  readonly party: string;
  readonly permitTxId: string;
}

/** A share that a witness hands over, each dealer's on its own so that blame is exact. */
export interface ReleasedShare extends ShareEntry {
  readonly dealer: string;
}

/**
 * Seals a witness's shares for a party: one message for all dealers and streams asked for.
 *
 * @param receiptHash - `receiptHash` of the receipt that speaks of this release
 * @param entries - each (dealer, stream) once; they stay the caller's
 * @throws EkoError `INVALID_KEY`
 * @throws RangeError where the entries are doubled, none or too many
 * @see docs/protocol.md, "4. Release"
 */
export function sealReleaseMessage(
  input: {
    readonly context: ReleaseContext;
    readonly partyPublicKey: Uint8Array;
    readonly receiptHash: string;
    readonly entries: readonly ReleasedShare[];
  },
  primitives: HpkePrimitives,
): Uint8Array {
  const { context, partyPublicKey, receiptHash, entries } = input;
  return sealMessage(
    {
      recipientPublicKey: partyPublicKey,
      info: releaseInfo(context, partyPublicKey),
      aad: decodeBase64Url(receiptHash, HASH_BYTES),
      plaintext: encodeReleasedShares(entries),
    },
    primitives,
  );
}

/**
 * Opens a witness's answer as the party it was sealed for; the caller checks each share and disposes of them.
 *
 * @throws EkoError `ENVELOPE_INVALID`, one text for every reason
 */
export function openReleaseMessage(
  input: {
    readonly context: ReleaseContext;
    readonly partyKey: KeyAgreementKey;
    readonly receiptHash: string;
    readonly sealed: Uint8Array;
  },
  primitives: HpkePrimitives,
): OpenedShares<ReleasedShare> {
  const { context, partyKey, receiptHash, sealed } = input;
  const plaintext = openMessage(
    {
      recipientKey: partyKey,
      info: releaseInfo(context, partyKey.publicKey),
      aad: decodeBase64Url(receiptHash, HASH_BYTES),
      sealed,
      maxBytes: LIMITS.releaseBytes,
    },
    primitives,
  );
  try {
    return decodeReleasedShares(plaintext);
  } catch {
    plaintext.fill(0);
    throw unopenable();
  }
}

function releaseInfo(context: ReleaseContext, partyPublicKey: Uint8Array): Uint8Array {
  return labelledBytes(
    LABELS.releaseMessage,
    uint32Bytes(PROTOCOL_VERSION),
    context.channel,
    context.bundleId,
    uint32Bytes(context.epoch),
    context.witness,
    context.party,
    sha256(partyPublicKey),
    context.permitTxId,
  );
}

/** Dealers as a table (count, then length and name each), then the number of entries, then each after its dealer. */
function encodeReleasedShares(entries: readonly ReleasedShare[]): Uint8Array {
  const dealers = [...new Set(entries.map((entry) => entry.dealer))].sort();
  const ordered = entries
    .map((entry) => ({ entry, dealer: dealers.indexOf(entry.dealer) }))
    .sort((a, b) => a.dealer - b.dealer || a.entry.streamIndex - b.entry.streamIndex);
  if (!isReleaseList(dealers, ordered)) {
    throw new RangeError('A release holds each share of a dealer and stream once');
  }
  const names = dealers.map((dealer) => utf8Encode(dealer));
  const table = concatBytes(
    Uint8Array.of(dealers.length),
    ...names.flatMap((name) => [Uint8Array.of(name.length), name]),
    uint16Bytes(ordered.length),
  );
  const entryBytes = 1 + SHARE_ENTRY_BYTES;
  const plaintext = new Uint8Array(table.length + ordered.length * entryBytes);
  plaintext.set(table);
  ordered.forEach(({ entry, dealer }, place) => {
    const offset = table.length + place * entryBytes;
    plaintext[offset] = dealer;
    writeShareEntry(plaintext, offset + 1, entry);
  });
  return plaintext;
}

function decodeReleasedShares(plaintext: Uint8Array): OpenedShares<ReleasedShare> {
  const reader = new ByteReader(plaintext, 'ENVELOPE_INVALID', 'The release');
  const dealers = Array.from({ length: reader.uint8() }, () => utf8Decode(reader.take(reader.uint8())));
  const count = reader.uint16();
  if (reader.remaining !== count * (1 + SHARE_ENTRY_BYTES)) throw unopenable();
  const ordered = Array.from({ length: count }, () => ({
    dealer: reader.uint8(),
    entry: readShareEntry(reader),
  }));
  if (!isReleaseList(dealers, ordered)) throw unopenable();
  return new OpenedShares(ordered.map(({ entry, dealer }) => ({ ...entry, dealer: dealers[dealer] ?? '' })));
}

/** Dealers sorted and each used; entries sorted by dealer, then stream, each once. */
function isReleaseList(
  dealers: readonly string[],
  ordered: readonly { readonly dealer: number; readonly entry: ShareEntry }[],
): boolean {
  const isSorted = dealers.every((dealer, place) => place === 0 || dealer > (dealers[place - 1] ?? ''));
  const isOrdered = ordered.every(({ dealer, entry }, place) => {
    const before = ordered[place - 1];
    const isNext =
      before === undefined
        ? dealer === 0
        : dealer === before.dealer
          ? entry.streamIndex > before.entry.streamIndex
          : dealer === before.dealer + 1;
    return isNext && entry.streamIndex < LIMITS.requestsPerBundle;
  });
  return (
    dealers.length > 0 &&
    dealers.length <= LIMITS.dealers &&
    isSorted &&
    isOrdered &&
    ordered.at(-1)?.dealer === dealers.length - 1
  );
}
