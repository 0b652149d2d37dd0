import { EkoError } from '@eko/protocol';
import { crc32 } from 'node:zlib';

/** A file of an archive: its name with forward slashes, and what is in it. */
export interface ArchivedFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/**
 * A tar archive in the POSIX ustar form, readable by every tar and by a peer. All that could differ between two
 * machines is fixed: mode 0644, no times, the user and group that Fabric's own packager writes.
 *
 * Written here and not by a library: the form is one header, and the bytes must never change with a dependency,
 * because their hash is the package ID.
 *
 * @throws EkoError `INVALID_ARGUMENT` for a name that the form cannot hold
 * @see IEEE Std 1003.1, pax, "ustar Interchange Format"
 */
export function tarArchive(files: readonly ArchivedFile[]): Uint8Array {
  const blocks = files.flatMap(({ name, content }) => [
    header(name, content.length),
    content,
    new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]);
}

function header(fullName: string, sizeBytes: number): Uint8Array {
  const { prefix, name } = splitName(fullName);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(octal(0o100644, 8), 100);
  block.write(octal(500, 8), 108);
  block.write(octal(500, 8), 116);
  block.write(octal(sizeBytes, 12), 124);
  block.write(octal(0, 12), 136);
  // The checksum is taken over the header with spaces in its place.
  block.fill(' ', 148, 156);
  block.write('0', 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  block.write(prefix, 345);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${octal(checksum, 7)} `, 148);
  return block;
}

/** Long names are kept in two fields, parted at a slash. */
function splitName(fullName: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(fullName) <= NAME_BYTES) return { prefix: '', name: fullName };
  for (let slash = fullName.indexOf('/'); slash > 0; slash = fullName.indexOf('/', slash + 1)) {
    const prefix = fullName.slice(0, slash);
    const name = fullName.slice(slash + 1);
    if (Buffer.byteLength(prefix) <= PREFIX_BYTES && Buffer.byteLength(name) <= NAME_BYTES) {
      return { prefix, name };
    }
  }
  throw new EkoError('INVALID_ARGUMENT', `The path ${fullName} is too long for a package: shorten its names`);
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

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
