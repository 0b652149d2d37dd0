import { EkoError } from '@eko/protocol';

/** A field as it stands in a message: a number, or bytes. */
type FieldValue = bigint | Uint8Array;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const MOST_VARINT_BYTES = 10;

/**
 * The fields of one protobuf message, by number. It reads what Fabric's blocks are made of, without the generated
 * classes of every Fabric message; a field that nobody asks for is skipped.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class ProtobufMessage {
  readonly #fields = new Map<number, FieldValue[]>();

  /** @throws EkoError `CORRUPT_RECORD` for bytes that are no message */
  constructor(bytes: Uint8Array) {
    const reader = new Reader(bytes);
    while (!reader.isAtEnd) {
      const tag = reader.varint();
      const field = Number(tag >> 3n);
      const value = reader.value(Number(tag & 7n));
      const present = this.#fields.get(field);
      if (present === undefined) this.#fields.set(field, [value]);
      else present.push(value);
    }
  }

  /** A field of bytes, a text or a message; empty where it is not there. */
  bytes(field: number): Uint8Array {
    const value = this.#fields.get(field)?.at(-1);
    return value instanceof Uint8Array ? value : new Uint8Array();
  }

  /** A field that holds a message. */
  message(field: number): ProtobufMessage {
    return new ProtobufMessage(this.bytes(field));
  }

  /** A field that is repeated. */
  repeated(field: number): readonly Uint8Array[] {
    return (this.#fields.get(field) ?? []).filter((value) => value instanceof Uint8Array);
  }

  /** A field that holds an unsigned number; 0 where it is not there. */
  number(field: number): bigint {
    const value = this.#fields.get(field)?.at(-1);
    return typeof value === 'bigint' ? value : 0n;
  }

  /** A field that holds a text. */
  text(field: number): string {
    return Buffer.from(this.bytes(field)).toString('utf8');
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #place = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#place >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let count = 0; count < MOST_VARINT_BYTES; count += 1) {
      const byte = this.#bytes[this.#place];
      if (byte === undefined) break;
      this.#place += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return value;
    }
    throw malformed();
  }

  value(wireType: number): FieldValue {
    switch (wireType) {
      case VARINT:
        return this.varint();
      case BYTES:
        return this.#take(Number(this.varint()));
      case FIXED_64:
        return this.#take(8);
      case FIXED_32:
        return this.#take(4);
      default:
        throw malformed();
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#place + length;
    if (end > this.#bytes.length) throw malformed();
    const taken = this.#bytes.subarray(this.#place, end);
    this.#place = end;
    return taken;
  }
}

const malformed = (): EkoError => new EkoError('CORRUPT_RECORD', 'A block holds what is no protobuf message');
