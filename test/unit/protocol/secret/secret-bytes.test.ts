import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { EkoError, SecretBytes } from '@eko/protocol';

const VALUE = Uint8Array.from({ length: 32 }, (_, i) => 200 + i);
const newSecret = (): SecretBytes<'test key'> => new SecretBytes('test key', Uint8Array.from(VALUE));

/** The secret in every form in which it might slip out. */
const TRACES = [
  Buffer.from(VALUE).toString('hex'),
  Buffer.from(VALUE).toString('base64'),
  Buffer.from(VALUE).toString('base64url'),
  Buffer.from(VALUE).toString('latin1'),
  [...VALUE].slice(0, 4).join(','),
  [...VALUE].slice(0, 4).join(', '),
  [...VALUE.subarray(0, 4)].map((byte) => byte.toString(16)).join(' '),
];

describe('SecretBytes', () => {
  it('lends its bytes, and answers what the reader made of them', () => {
    using secret = newSecret();
    expect(secret.length).toBe(32);
    expect(secret.use((bytes) => [...bytes])).toEqual([...VALUE]);
  });

  it('compares', () => {
    using secret = newSecret();
    using same = newSecret();
    using other = new SecretBytes(
      'test key',
      VALUE.map((byte, i) => (i === 31 ? byte ^ 1 : byte)),
    );
    using shorter = new SecretBytes('test key', VALUE.slice(1));
    expect(secret.equals(same)).toBe(true);
    expect(secret.equals(other)).toBe(false);
    expect(secret.equals(shorter)).toBe(false);
  });

  it('wipes the buffer it was given, and refuses to be used afterwards', () => {
    const buffer = Uint8Array.from(VALUE);
    const secret = new SecretBytes('test key', buffer);
    secret.dispose();
    secret.dispose();
    expect(buffer).toEqual(new Uint8Array(32));
    expect(secret.isDisposed).toBe(true);
    expect(() => secret.use((bytes) => bytes.length)).toThrow(TypeError);
    expect(() => newSecret().equals(secret)).toThrow(TypeError);
  });

  it('wipes at the end of its block, even when the block throws', () => {
    const buffer = Uint8Array.from(VALUE);
    expect(() => {
      using secret = new SecretBytes('test key', buffer);
      throw new Error(`block of ${String(secret.length)} bytes`);
    }).toThrow('block of 32 bytes');
    expect(buffer).toEqual(new Uint8Array(32));
  });

  it('prints as redacted', () => {
    const secret = newSecret();
    expect(String(secret)).toBe('[redacted]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}');
    expect(inspect(secret)).toBe('[redacted]');
    expect(inspect({ nested: [secret] }, { depth: 9 })).toBe('{ nested: [ [redacted] ] }');
  });

  it('leaks by no way of printing, copying or failing', () => {
    const secret = newSecret();
    const outputs = [
      format('%s %o %O %j %d', secret, secret, secret, secret, secret),
      inspect(secret, { showHidden: true, customInspect: false, depth: 9, maxArrayLength: null }),
      inspect({ ...secret }, { showHidden: true }),
      JSON.stringify([secret, { ...secret }, Object.entries(secret), Object.assign({}, secret)]),
      inspect(new Error(String(secret), { cause: secret })),
      inspect(new EkoError('INTERNAL', `failed with ${secret.toString()}`, { cause: secret })),
      inspect(structuredClone(secret)),
      serialize(secret).toString('latin1'),
      String(Object.getOwnPropertyNames(secret)),
    ];
    secret.dispose();
    try {
      secret.use(() => undefined);
    } catch (error) {
      outputs.push(inspect(error));
    }
    expect(outputs).toHaveLength(10);
    for (const output of outputs) for (const trace of TRACES) expect(output).not.toContain(trace);
  });

  it('would be caught if it leaked: the same search finds a plain array', () => {
    const printed = [inspect(VALUE), JSON.stringify([...VALUE]), serialize(VALUE).toString('latin1')];
    for (const output of printed) expect(TRACES.some((trace) => output.includes(trace))).toBe(true);
  });
});
