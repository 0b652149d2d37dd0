import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type TransactionName } from '@eko/protocol/ledger';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { newTestNetwork, streamRequest, type TestNetwork } from '../../../support/contracts/test-network';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
});

const raw = (text: string, transaction: TransactionName = TRANSACTIONS.requestStreams) =>
  network.ledger.submitRaw(network.initiator.identity, transaction, text);
const request = encodeCanonicalJson(streamRequest());
const changed = (from: string, to: string) => {
  expect(request).toContain(from);
  return request.replace(from, to);
};

describe('the argument of a transaction', () => {
  it('is refused unless it is canonical JSON of the schema', async () => {
    const hostile: Record<string, string> = {
      nothing: '',
      'an array': '[]',
      'a string': '"x"',
      null: 'null',
      'no JSON': '{',
      'white space': ` ${request}`,
      'a trailing byte': `${request} `,
      'a byte order mark': `\uFEFF${request}`,
      'members out of order': '{"requests":[],"bundleId":"x"}',
      'a repeated member': changed('"dealers":2', '"dealers":2,"dealers":2'),
      'an unknown member': changed('"dealers":2', '"dealers":2,"key":1'),
      'a missing member': changed('"dealers":2,', ''),
      'a number as text': changed('"dealers":2', '"dealers":"2"'),
      'empty text for a number': changed('"dealers":2', '"dealers":""'),
      'a hexadecimal number': changed('"dealers":2', '"dealers":0x2'),
      'an infinite number': changed('"dealers":2', '"dealers":1e999'),
      'a number with an exponent': changed('"dealers":2', '"dealers":2e0'),
      'minus zero': changed('"dealers":2', '"dealers":-0'),
      'a fraction': changed('"dealers":2', '"dealers":2.5'),
      'a fraction of zero': changed('"dealers":2', '"dealers":2.0'),
      'an unsafe integer': changed('"durationSeconds":600', '"durationSeconds":9007199254740993'),
      NaN: changed('"dealers":2', '"dealers":NaN'),
      __proto__: changed('"dealers":2', '"__proto__":{"dealers":2},"dealers":2'),
      constructor: changed('"bundleId"', '"constructor":{"prototype":{}},"bundleId"'),
      'a lone surrogate': changed('north field', '\\ud800'),
      'a NUL': changed('north field', 'north\\u0000field'),
      'a mark that turns text around': changed('north field', 'north\u202Efield'),
      'a character beyond ASCII': changed('telemetry', 'télémetry'),
      'upper case in an ID': changed('0b9d6a3e', '0B9D6A3E'),
      'a needless escape': changed('telemetry', '\\u0074elemetry'),
    };
    for (const [name, text] of Object.entries(hostile)) {
      const outcome = await raw(text);
      expect([name, outcome.error?.code]).toEqual([name, 'INVALID_ARGUMENT']);
      expect(outcome.writes).toEqual([]);
    }
    expect(Object.prototype).not.toHaveProperty('dealers');
  });

  it('is refused by size and depth before it is parsed', async () => {
    expect((await raw('['.repeat(500_000))).error?.code).toBe('TOO_DEEP');
    expect((await raw('['.repeat(LIMITS.jsonDepth + 1) + ']'.repeat(LIMITS.jsonDepth + 1))).error?.code).toBe(
      'TOO_DEEP',
    );
    expect((await raw('x'.repeat(LIMITS.argumentBytes + 1))).error?.code).toBe('TOO_LARGE');
    expect((await raw('é'.repeat(LIMITS.argumentBytes / 2 + 1))).error?.code).toBe('TOO_LARGE');
    const members = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n]));
    expect((await raw(encodeCanonicalJson(members))).error?.code).toBe('INVALID_ARGUMENT');
  });

  it('is refused naming the field, never its value', async () => {
    const { error } = await raw(changed('"dealers":2', '"dealers":"hunter2"'));
    expect(error?.message).toContain('policy.dealers');
    expect(error?.message).not.toContain('hunter2');
  });

  it('is refused by every transaction, with a code', async () => {
    for (const transaction of Object.values(TRANSACTIONS))
      for (const text of ['', '{}', '{"__proto__":{}}', '{"nodeId":"constructor/../x"}', '[]']) {
        const outcome = await raw(text, transaction);
        expect([transaction, text, outcome.error?.code]).toEqual([transaction, text, 'INVALID_ARGUMENT']);
      }
  });

  it('finds no node under a name that every object has', async () => {
    for (const nodeId of ['constructor', 'toString'.toLowerCase(), 'valueof'])
      expect((await raw(encodeCanonicalJson({ nodeId }), TRANSACTIONS.readNode)).error?.code).toBe(
        'NOT_FOUND',
      );
  });
});
