import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';

const { BlockMetadataIndex } = common;
/** Fabric's blocks have one metadata slot for each of these. */
const METADATA_SLOTS = Object.keys(BlockMetadataIndex).length;

/** Builds a block over encoded envelopes, chained to the one before it. */
export function buildBlock(
  blockNumber: number,
  previousHash: Uint8Array,
  envelopes: readonly Uint8Array[],
  validationCodes: readonly number[],
): common.Block {
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const header = new common.BlockHeader();
  header.setNumber(blockNumber);
  header.setPreviousHash(previousHash);
  header.setDataHash(hashData(envelopes));
  const slots: Uint8Array[] = Array.from({ length: METADATA_SLOTS }, () => new Uint8Array());
  slots[BlockMetadataIndex.TRANSACTIONS_FILTER] = Uint8Array.from(validationCodes);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(slots);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** The validation code of each transaction of a block. */
export function validationCodesOf(block: common.Block): Uint8Array {
  const slots = block.getMetadata()?.getMetadataList_asU8() ?? [];
  return slots[BlockMetadataIndex.TRANSACTIONS_FILTER] ?? new Uint8Array();
}

/** The encoded envelopes of a block. */
export function envelopesOf(block: common.Block): readonly Uint8Array[] {
  return block.getData()?.getDataList_asU8() ?? [];
}

/** Fabric's data hash: SHA-256 over all envelopes, one after the other. */
export function hashData(envelopes: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const envelope of envelopes) hash.update(envelope);
  return hash.digest();
}

/** Fabric's block hash: SHA-256 over the encoded header. */
export function hashHeader(block: common.Block): Uint8Array {
  return createHash('sha256').update(encodeHeader(block)).digest();
}

/** A header as Fabric hashes and signs it: the DER sequence of number, previous hash and data hash. */
export function encodeHeader(block: common.Block): Uint8Array {
  const header = block.getHeader();
  if (header === undefined) throw new RangeError('the block has no header');
  const fields = Buffer.concat([
    der(0x02, derUnsigned(header.getNumber())),
    der(0x04, header.getPreviousHash_asU8()),
    der(0x04, header.getDataHash_asU8()),
  ]);
  return der(0x30, fields);
}

/** One DER element; every element of a block header is shorter than 128 bytes. */
function der(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

function derUnsigned(value: number): Buffer {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.of(0), digits]);
}
