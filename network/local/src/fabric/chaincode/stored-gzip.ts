import { crc32 } from 'node:zlib';

const STORED_BYTES = 65_535;

/** No name, no time, no operating system, so that nothing of the machine is in it. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/**
 * A gzip file that stores its content without compressing it. Compressors give other bytes in other versions and on
 * other processors; stored blocks are the same everywhere, so that all organisations get the same package ID.
 *
 * @see RFC 1952 section 2.2; RFC 1951 section 3.2.4
 */
export function storedGzip(content: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [HEADER];
  for (let start = 0; start === 0 || start < content.length; start += STORED_BYTES) {
    const block = content.subarray(start, start + STORED_BYTES);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + STORED_BYTES >= content.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length, 4);
  return Buffer.concat([...parts, trailer]);
}
