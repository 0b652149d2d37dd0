import { EkoError } from '@eko/protocol';

/** A field as it stands in a message: a number, or bytes. */
type FieldValue = bigint | Uint8Array;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const GROUP = 3;
const END_OF_GROUP = 4;
const FIXED_32 = 5;
const MOST_VARINT_BYTES = 10;
/** What a group may number its fields up to, where peers pass over it. */
const MOST_FIELD = 2 ** 31 - 1;

/**
 * The fields of one protobuf message, by number: the one reader of what Fabric's blocks are made of. A field that nobody
 * asks for is skipped.
 *
 * A block holds bytes that its submitters wrote, in whichever of protobuf's forms. They mean here what they mean to
 * Fabric's peers, or a transaction that counts would be another one, or none, to who reads it here: a field in another
 * wire type than it is asked for is not that field, the last of several counts, and messages are merged.
 *
 * @see docs/decisions/0029-blocks-are-read-as-peers-read-them.md, https://protobuf.dev/programming-guides/encoding
 */
export class ProtobufMessage {
  readonly #fields = new Map<number, FieldValue[]>();

  /** @throws EkoError `CORRUPT_RECORD` for bytes that are no message */
  constructor(bytes: Uint8Array) {
    const reader = new Reader(bytes);
    while (!reader.isAtEnd) {
      const { field, wireType } = reader.tag();
      const value = reader.value(field, wireType);
      if (value === undefined) continue;
      const present = this.#fields.get(field);
      if (present === undefined) this.#fields.set(field, [value]);
      else present.push(value);
    }
  }

  /** A field of bytes, a text or a message; empty where it is not there. */
  bytes(field: number): Uint8Array {
    return this.repeated(field).at(-1) ?? new Uint8Array();
  }

  /** A field that is a message: all of that number together. */
  message(field: number): ProtobufMessage {
    const [first = new Uint8Array(), ...others] = this.repeated(field);
    return new ProtobufMessage(others.length === 0 ? first : Buffer.concat([first, ...others]));
  }

  /** A field of bytes which are a message. */
  messageIn(field: number): ProtobufMessage {
    return new ProtobufMessage(this.bytes(field));
  }

  /** A field that is repeated. */
  repeated(field: number): readonly Uint8Array[] {
    return (this.#fields.get(field) ?? []).filter((value) => value instanceof Uint8Array);
  }

  /** A field that holds an unsigned number; 0 where it is not there. */
  number(field: number): bigint {
    return this.#fields.get(field)?.findLast((value) => typeof value === 'bigint') ?? 0n;
  }

  /** A field that holds an `int32` or one of an enumeration, of which the lowest 32 bits count. */
  int32(field: number): number {
    return Number(BigInt.asIntN(32, this.number(field)));
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
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed();
  }

  tag(): { readonly field: number; readonly wireType: number } {
    const tag = this.varint();
    const field = Number(tag >> 3n);
    if (field < 1 || field > MOST_FIELD) throw malformed();
    return { field, wireType: Number(tag & 7n) };
  }

  /** What follows a tag; nothing where no message of Fabric has a field of that kind. */
  value(field: number, wireType: number): FieldValue | undefined {
    switch (wireType) {
      case VARINT:
        return this.varint();
      case BYTES:
        return this.#take(Number(this.varint()));
      default:
        this.#pass(field, wireType);
        return undefined;
    }
  }

  #pass(first: number, firstType: number): void {
    const open: number[] = [];
    let field = first;
    let wireType = firstType;
    for (;;) {
      if (wireType === GROUP) open.push(field);
      else if (wireType === END_OF_GROUP) {
        if (open.pop() !== field) throw malformed();
      } else if (wireType === FIXED_64) this.#take(8);
      else if (wireType === FIXED_32) this.#take(4);
      else if (open.length > 0 && (wireType === VARINT || wireType === BYTES)) this.value(field, wireType);
      else throw malformed();
      if (open.length === 0) return;
      ({ field, wireType } = this.tag());
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

/** Encodes a length-delimited protobuf field: bytes, a text or a message. */
export function protobufField(number: number, value: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = value.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), value]);
}
