// The ledger comes first: it silences what the contract API says of every decorator.
import { EkoLedger } from '../../../support/contracts/eko-ledger';
import { stubLedger, stubQueryLedger, type StateStub } from '../../../../chaincode/src/ledger/stub-ledger';
import { EkoContract, defineTransactions } from '../../../../chaincode/src/contracts/eko-contract';
import { LIMITS, isEkoError } from '@eko/protocol';
import { encodeCanonicalJson } from '@eko/protocol/encoding';

/** A stub over a map that counts what is asked of it. */
function newStub(state: Record<string, string>) {
  const asked: string[] = [];
  const written = new Map<string, string>();
  let open = 0;
  const stub = {
    getState: async (key: string) => {
      asked.push(key);
      return Buffer.from(state[key] ?? '');
    },
    putState: async (key: string, value: Uint8Array) => void written.set(key, Buffer.from(value).toString()),
    getStateByRange: async (start: string, end: string) => {
      open += 1;
      const keys = Object.keys(state).filter((key) => key >= start && key < end);
      return {
        next: async () => {
          const key = keys.shift();
          const value = { namespace: '', key: key ?? '', value: Buffer.from(state[key ?? ''] ?? '') };
          return { done: key === undefined, value };
        },
        close: async () => void (open -= 1),
      };
    },
  } as unknown as StateStub;
  return { stub, asked, written, openIterators: () => open };
}

const codeOf = async (run: () => Promise<unknown>) => {
  try {
    return await run();
  } catch (error) {
    return isEkoError(error) ? error.code : error;
  }
};

describe('the ledger of a transaction', () => {
  it('writes canonical JSON, and never reads what it wrote', async () => {
    const { stub, written } = newStub({});
    const ledger = stubLedger(stub);
    await ledger.put('k', { b: 1, a: ['é'] });
    expect([...written]).toEqual([['k', '{"a":["é"],"b":1}']]);
    expect(await ledger.get('k')).toBeUndefined();
  });

  it('asks the peer for a key once', async () => {
    const { stub, asked } = newStub({ k: '{"a":1}' });
    const ledger = stubLedger(stub);
    expect([await ledger.get('k'), await ledger.get('k'), await ledger.get('none')]).toEqual([
      { a: 1 },
      { a: 1 },
      undefined,
    ]);
    expect(asked).toEqual(['k', 'none']);
  });

  it('reads what a state database has written anew: escaped, in another order, with white space', async () => {
    const record = { a: 1_800_000_000_000, site: 'R&D <north>\u2028' };
    for (const text of [
      '{"a":1800000000000,"site":"R\\u0026D \\u003cnorth\\u003e\\u2028"}',
      '{"site":"R&D <north>\\u2028","a":1800000000000}',
      '{ "a": 1800000000000,\n"site": "R&D <north>\u2028" }\n',
    ]) {
      const { stub, written } = newStub({ k: text });
      const ledger = stubLedger(stub);
      const read = await ledger.get('k');
      expect(read).toEqual(record);
      await ledger.put('k', read as object);
      expect([...written]).toEqual([['k', encodeCanonicalJson(record)]]);
    }
  });

  it('refuses a record that two readers could read differently, by its key', async () => {
    for (const text of [
      '{',
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '{"b":{"a":1,"a":1}}',
      '{"__proto__":1}',
      '{"\\u005f_proto__":1}',
      '{"a":"\\ud800"}',
      '[9007199254740993]',
      '[-0]',
      `${'['.repeat(LIMITS.jsonDepth + 1)}${']'.repeat(LIMITS.jsonDepth + 1)}`,
    ]) {
      const { stub } = newStub({ k: text });
      expect([text, await codeOf(() => stubLedger(stub).get('k'))]).toEqual([text, 'CORRUPT_RECORD']);
    }
  });
});

describe('the ledger of a query', () => {
  const state = { 'a/1': '1', 'a/2': '2', 'a/3': '3', b: '4' };

  it('reads at most so many values of a range, and closes it', async () => {
    const { stub, openIterators } = newStub(state);
    const ledger = stubQueryLedger(stub);
    expect(await ledger.range('a/', 'a0', 2)).toEqual([1, 2]);
    expect(await ledger.range('a/', 'a0', 9)).toEqual([1, 2, 3]);
    expect(openIterators()).toBe(0);
  });

  it('closes a range that holds a broken record', async () => {
    const { stub, openIterators } = newStub({ ...state, 'a/2': '{' });
    expect(await codeOf(() => stubQueryLedger(stub).range('a/', 'a0', 9))).toBe('CORRUPT_RECORD');
    expect(openIterators()).toBe(0);
  });
});

type Invoked = (ctx: object, argument: string) => Promise<string>;

class FailingContract extends EkoContract {}

describe('a transaction that meets a foreign error', () => {
  it('says INTERNAL and nothing of what the error says', async () => {
    const ledger = new EkoLedger();
    const { mspId, certificatePem } = await ledger.identity({ mspId: 'Org1MSP', name: 'someone' });
    const stub = {
      getTxID: () => '',
      getChannelID: () => '',
      getCreator: () => ({ mspid: mspId, idBytes: Buffer.from(certificatePem) }),
      getDateTimestamp: () => new Date(0),
    };
    const fail = async () => {
      throw new Error('secret of the machine');
    };
    defineTransactions(FailingContract, 'dealings', {
      submit: { recordDealings: fail, authorizeRelease: fail, attestDestruction: fail },
      evaluate: {},
    });
    const argument = { bundleId: '00000000-0000-4000-8000-000000000000', epoch: 1, streams: 'all' };
    const contract = new FailingContract('dealings', () => 0) as unknown as Record<string, Invoked>;
    const running = contract['AuthorizeRelease']?.({ stub }, encodeCanonicalJson(argument));
    await expect(running).rejects.toThrow(/^INTERNAL: (?!.*secret)/);
  });
});
