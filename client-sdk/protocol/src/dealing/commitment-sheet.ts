import { PROTOCOL_VERSION } from '../crypto/key-labels';
import { ByteReader } from '../encoding/byte-reader';
import { concatBytes, uint16Bytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import { HASH_BYTES } from '../crypto/labelled-hash';
import { LIMITS } from '../limits';
import { fits } from '../encoding/schema-check';
import { NodeId } from '../ledger/schemas/scalars';
import { utf8Decode, utf8Encode } from '../encoding/utf8';

/** The commitment to one holder's share of one stream. */
export interface SheetEntry {
  /** Position in the sheet's list of holders. */
  readonly holder: number;
  readonly shareIndex: number;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
}

/** What a dealer publishes of one stream: the check value and who holds what. */
export interface SheetStream {
  /** 32 bytes. */
  readonly checkValue: Uint8Array;
  /** Sorted by share index, then by holder; each holder at most once. */
  readonly entries: readonly SheetEntry[];
}

/**
 * The public side of a dealing: `streams[i]` belongs to the bundle's stream `i`.
 * @see docs/protocol.md, "3. Dealing"
 */
export interface CommitmentSheet {
  /** Node IDs in the one order of the bundle's holders, each used by at least one stream. */
  readonly holders: readonly string[];
  readonly streams: readonly SheetStream[];
}

const MAX_HOLDERS = 2 + LIMITS.witnesses;
/** Both parties hold a stream's part number 0. */
const SHARED_INDEX = 0;

/**
 * The one binary form of a sheet.
 * @throws EkoError `INVALID_COMMITMENTS` where the sheet breaks a rule of its type
 */
export function encodeCommitmentSheet(sheet: CommitmentSheet): Uint8Array {
  checkSheet(sheet);
  const parts: Uint8Array[] = [Uint8Array.of(PROTOCOL_VERSION), uint16Bytes(sheet.holders.length)];
  for (const holder of sheet.holders) {
    const name = utf8Encode(holder);
    parts.push(Uint8Array.of(name.length), name);
  }
  parts.push(uint16Bytes(sheet.streams.length));
  for (const { checkValue, entries } of sheet.streams) {
    parts.push(checkValue, Uint8Array.of(entries.length));
    for (const { holder, shareIndex, commitment } of entries) {
      parts.push(uint16Bytes(holder), Uint8Array.of(shareIndex), commitment);
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
  if (reader.uint8() !== PROTOCOL_VERSION) {
    throw new EkoError('UNSUPPORTED_VERSION', 'The commitment sheet has another version');
  }
  const holders = Array.from({ length: bounded(reader.uint16(), MAX_HOLDERS) }, () =>
    decodeNodeId(reader.take(reader.uint8())),
  );
  const streams = Array.from({ length: bounded(reader.uint16(), LIMITS.requestsPerBundle) }, () => ({
    checkValue: reader.take(HASH_BYTES),
    entries: Array.from({ length: bounded(reader.uint8(), MAX_HOLDERS) }, () => ({
      holder: reader.uint16(),
      shareIndex: reader.uint8(),
      commitment: reader.take(HASH_BYTES),
    })),
  }));
  reader.end();
  const sheet = { holders, streams };
  checkSheet(sheet);
  return sheet;
}

function checkSheet({ holders, streams }: CommitmentSheet): void {
  if (holders.length === 0 || holders.length > MAX_HOLDERS) throw invalid('has no holders, or too many');
  if (!holders.every((holder) => fits(NodeId, holder))) throw invalid('names a holder that is no node ID');
  if (new Set(holders).size !== holders.length) throw invalid('names a holder twice');
  if (streams.length === 0 || streams.length > LIMITS.requestsPerBundle) {
    throw invalid('has no streams, or too many');
  }
  const used = new Set<number>();
  for (const stream of streams) {
    checkStream(stream, holders.length);
    for (const entry of stream.entries) used.add(entry.holder);
  }
  if (used.size !== holders.length) throw invalid('names a holder of nothing');
}

function checkStream({ checkValue, entries }: SheetStream, holders: number): void {
  if (checkValue.length !== HASH_BYTES) throw invalid('has a check value of another size');
  if (entries.length === 0 || entries.length > MAX_HOLDERS) throw invalid('has no shares, or too many');
  if (new Set(entries.map((entry) => entry.holder)).size !== entries.length) {
    throw invalid('gives a holder two shares of one stream');
  }
  entries.forEach((entry, place) => {
    const before = entries[place - 1];
    if (entry.commitment.length !== HASH_BYTES) throw invalid('has a commitment of another size');
    if (!Number.isInteger(entry.holder) || entry.holder < 0 || entry.holder >= holders) {
      throw invalid('points at a holder that it does not name');
    }
    if (!Number.isInteger(entry.shareIndex) || entry.shareIndex < 0 || entry.shareIndex > 255) {
      throw invalid('has a share index out of range');
    }
    if (before === undefined) return;
    const isNext =
      entry.shareIndex > before.shareIndex ||
      (entry.shareIndex === SHARED_INDEX &&
        before.shareIndex === SHARED_INDEX &&
        entry.holder > before.holder);
    if (!isNext) throw invalid('has a share twice or out of order');
  });
}

function decodeNodeId(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch {
    throw invalid('names a holder that is no text');
  }
}

function bounded(count: number, max: number): number {
  if (count > max) throw invalid('claims more than the protocol allows');
  return count;
}

function invalid(problem: string): EkoError {
  return new EkoError('INVALID_COMMITMENTS', `The commitment sheet ${problem}`);
}
