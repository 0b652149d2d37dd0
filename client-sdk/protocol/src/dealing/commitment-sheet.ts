import { ByteReader } from '../encoding/byte-reader';
import { concatBytes, uint16Bytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import { HASH_BYTES } from '../crypto/labelled-hash';
import { LIMITS } from '../limits';
import { SHARE_BYTES } from './leaf-share';

/** What a dealer publishes of one holder's share of one stream. */
export interface SheetEntry {
  /** 32 bytes: the share XOR the pad of the holder's leaf. */
  readonly correction: Uint8Array;
  /** 32 bytes: `shareCommitment` of the leaf. */
  readonly commitment: Uint8Array;
}

/** What a dealer publishes of one stream: the check value of the contribution, and a column for each holder. */
export interface SheetStream {
  /** 32 bytes. */
  readonly checkValue: Uint8Array;
  /** In the order of the dealing's holders. */
  readonly entries: readonly SheetEntry[];
}

/**
 * The public side of a dealing: `streams[i]` belongs to the bundle's stream `i`. Who the holders are, the signed dealing
 * says.
 * @see docs/protocol.md, "3. Dealing"
 */
export interface CommitmentSheet {
  readonly streams: readonly SheetStream[];
}

/** 2: columns of corrections and commitments. */
const SHEET_VERSION = 2;
/** Both parties and a witness. */
const FEWEST_HOLDERS = 3;
const MOST_HOLDERS = 2 + LIMITS.witnesses;

/**
 * The one binary form of a sheet: version, number of holders (1 byte), number of streams (2); of each stream the check
 * value, then correction and commitment of each holder.
 *
 * @throws EkoError `INVALID_COMMITMENTS` where the sheet breaks a rule of its type
 */
export function encodeCommitmentSheet({ streams }: CommitmentSheet): Uint8Array {
  const holders = streams[0]?.entries.length ?? 0;
  requireSize(holders, streams.length);
  const parts: Uint8Array[] = [Uint8Array.of(SHEET_VERSION, holders), uint16Bytes(streams.length)];
  for (const { checkValue, entries } of streams) {
    if (entries.length !== holders) throw invalid('gives one stream other holders than another');
    for (const part of [
      checkValue,
      ...entries.flatMap(({ correction, commitment }) => [correction, commitment]),
    ]) {
      if (part.length !== HASH_BYTES) throw invalid('has a value of another size');
      parts.push(part);
    }
  }
  return concatBytes(...parts);
}

/**
 * Reads a sheet; only what `encodeCommitmentSheet` gives is taken.
 * @throws EkoError `INVALID_COMMITMENTS`, `UNSUPPORTED_VERSION`
 */
export function decodeCommitmentSheet(bytes: Uint8Array): CommitmentSheet {
  if (bytes.length > LIMITS.sheetBytes) throw invalid('is too large');
  // The sheet keeps views, so it must not follow later changes of the message.
  const reader = new ByteReader(Uint8Array.from(bytes), 'INVALID_COMMITMENTS', 'The commitment sheet');
  if (reader.uint8() !== SHEET_VERSION) {
    throw new EkoError('UNSUPPORTED_VERSION', 'The commitment sheet has another version');
  }
  const holders = reader.uint8();
  const streams = reader.uint16();
  requireSize(holders, streams);
  const sheet = {
    streams: Array.from({ length: streams }, () => ({
      checkValue: reader.take(HASH_BYTES),
      entries: Array.from({ length: holders }, () => ({
        correction: reader.take(SHARE_BYTES),
        commitment: reader.take(HASH_BYTES),
      })),
    })),
  };
  reader.end();
  return sheet;
}

/** Tells whether a sheet has a row for each of so many streams, and in each a column for each of so many holders. */
export function isSheetOf(
  sheet: CommitmentSheet,
  size: { readonly streams: number; readonly holders: number },
): boolean {
  return sheet.streams.length === size.streams && sheet.streams[0]?.entries.length === size.holders;
}

function requireSize(holders: number, streams: number): void {
  if (holders < FEWEST_HOLDERS || holders > MOST_HOLDERS) throw invalid('has too few holders, or too many');
  if (streams < 1 || streams > LIMITS.requestsPerBundle) throw invalid('has no streams, or too many');
}

function invalid(problem: string): EkoError {
  return new EkoError('INVALID_COMMITMENTS', `The commitment sheet ${problem}`);
}
