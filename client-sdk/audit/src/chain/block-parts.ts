import { ProtobufMessage } from '@eko/sdk/node';
import { createHash } from 'node:crypto';

/** What a block says of itself, and what it holds. */
export interface BlockParts {
  readonly number: bigint;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
  /** The header as Fabric hashes and signs it. */
  readonly header: Uint8Array;
  readonly envelopes: readonly Uint8Array[];
  /** One for each envelope, as the peer says it; 0 is valid. */
  readonly validationCodes: Uint8Array;
  readonly signatures: readonly BlockSignature[];
}

/** One orderer's signature: by whom, either as an identity or as a consenter's number, and over which bytes. */
export interface BlockSignature {
  readonly creator: Uint8Array;
  readonly consenter: bigint | undefined;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** `BlockMetadataIndex.SIGNATURES` and `TRANSACTIONS_FILTER` */
const SIGNATURES = 0;
const TRANSACTIONS_FILTER = 2;
/** Tags of DER. */
const INTEGER = 0x02;
const OCTETS = 0x04;
const SEQUENCE = 0x30;

/**
 * Takes a serialized `common.Block` apart.
 *
 * @throws EkoError `CORRUPT_RECORD` for bytes that are no block
 * @see common.proto: `Block`, `BlockHeader`, `Metadata`, `MetadataSignature`
 */
export function parseBlockParts(bytes: Uint8Array): BlockParts {
  const block = new ProtobufMessage(bytes);
  const fields = block.message(1);
  const number = fields.number(1);
  const previousHash = fields.bytes(2);
  const dataHash = fields.bytes(3);
  const header = der(SEQUENCE, derUnsigned(number), der(OCTETS, previousHash), der(OCTETS, dataHash));
  const metadata = block.message(3).repeated(1);
  return {
    number,
    previousHash,
    dataHash,
    header,
    envelopes: block.message(2).repeated(1),
    validationCodes: metadata[TRANSACTIONS_FILTER] ?? new Uint8Array(),
    signatures: signaturesOf(metadata[SIGNATURES] ?? new Uint8Array(), header),
  };
}

/** SHA-256 over the parts, one after the other: of a header it is a block's hash, of the envelopes its data hash. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Orderers of Raft name themselves in a `SignatureHeader`; those of BFT give their number in an `IdentifierHeader`. */
function signaturesOf(bytes: Uint8Array, header: Uint8Array): readonly BlockSignature[] {
  const metadata = new ProtobufMessage(bytes);
  const value = metadata.bytes(1);
  return metadata.repeated(2).map((each) => {
    const message = new ProtobufMessage(each);
    const named = message.bytes(1);
    const numbered = message.bytes(3);
    const isNumbered = named.length === 0 && numbered.length > 0;
    return {
      creator: new ProtobufMessage(named).bytes(1),
      consenter: isNumbered ? new ProtobufMessage(numbered).number(1) : undefined,
      signed: Buffer.concat([value, isNumbered ? numbered : named, header]),
      signature: message.bytes(2),
    };
  });
}

/** One DER element of less than 128 bytes, as all are of a header whose hashes are SHA-256: others fit no block. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

function derUnsigned(value: bigint): Buffer {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const isNegative = (digits[0] ?? 0) >= 0x80;
  return der(INTEGER, Buffer.alloc(Number(isNegative)), digits);
}
