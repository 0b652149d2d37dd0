import { ProtobufMessage } from '../../../../client-sdk/sdk/dist/ledger/protobuf-message';
import { protobufField } from '../../../../client-sdk/sdk/dist/ledger/protobuf-message';
import { codedError } from '../../../support/coded-error';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (...parts: readonly Uint8Array[]): ProtobufMessage => new ProtobufMessage(Buffer.concat(parts));

/** As Go's protobuf reads them, which Fabric's peers use. @see https://protobuf.dev/programming-guides/encoding */
describe('a message of protobuf', () => {
  it('has of an int32 the lowest 32 bits, in however many bytes it is written', () => {
    // 2^32 + 3, 3 with all higher bits of ten bytes, and -1.
    expect(read(hex('08 8380808010')).int32(1)).toBe(3);
    expect(read(hex('08 838080808080808001')).int32(1)).toBe(3);
    expect(read(hex('08 ffffffffffffffffff01')).int32(1)).toBe(-1);
  });

  it('has no field in another wire type than it is asked for, before it or after it', () => {
    const three = hex('08 03');
    for (const other of [
      protobufField(1, Buffer.from('x')),
      hex('0d 01000000'),
      hex('09 0100000000000000'),
    ]) {
      expect(read(three, other).int32(1)).toBe(3);
      expect(read(other, three).int32(1)).toBe(3);
    }
    const text = protobufField(1, Buffer.from('x'));
    for (const other of [three, hex('0d 01000000'), hex('09 0100000000000000')]) {
      expect(read(text, other).text(1)).toBe('x');
      expect(read(other, text).repeated(1)).toHaveLength(1);
    }
  });

  it('has the last of several values, and of several messages all fields', () => {
    expect(read(hex('08 03 08 04')).int32(1)).toBe(4);
    const [one, other] = [protobufField(1, hex('08 03')), protobufField(1, hex('10 05'))];
    const merged = read(one, other).message(1);
    expect([merged.int32(1), merged.int32(2)]).toEqual([3, 5]);
    // Bytes are no message, whatever they hold: of these the last count.
    const last = read(one, other).messageIn(1);
    expect([last.int32(1), last.int32(2)]).toEqual([0, 5]);
  });

  it('passes over groups, in each other too', () => {
    const group = hex('1b 08 07 12 01 61 23 0d 01000000 24 1c');
    expect(read(group, hex('08 03')).int32(1)).toBe(3);
    expect(read(hex('08 03'), group).int32(1)).toBe(3);
    // Peers take all of these, or the transaction does not count.
    const deep = hex('1b'.repeat(20_000) + '1c'.repeat(20_000));
    const farNumber = hex('1b f8ffffff3f 01 1c');
    expect(read(deep, farNumber, hex('08 03')).int32(1)).toBe(3);
  });

  it.each([
    ['a group without its end', '1b 08 07'],
    ['an end of another group', '1b 24'],
    ['an end of no group', '1c'],
    ['a field of number 0', '00 01'],
    ['a field beyond the greatest number', '8080808040 01'],
    ['a wire type that is none', '0e'],
  ])('is none with %s', (_, bytes) => {
    expect(codedError(() => read(hex(bytes))).code).toBe('CORRUPT_RECORD');
  });
});
