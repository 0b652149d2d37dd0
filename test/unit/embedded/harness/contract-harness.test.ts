import { createContractHarness, type ContractHarness, type HarnessCaller } from '@eko/embedded-ledger';
import { contracts } from '../../../support/in-process/sample-contract';

const NOW = new Date('2030-01-02T03:04:05.678Z');

describe('the contract harness', () => {
  let harness: ContractHarness;
  let alice: HarnessCaller;

  beforeEach(async () => {
    harness = createContractHarness({ contracts, channel: 'test', now: () => NOW });
    const identity = await harness.identity({
      mspId: 'Org1MSP',
      name: 'alice',
      attributes: { colour: 'blue' },
    });
    alice = harness.as(identity);
  });

  it('gives the result, the exact write set, the reads and the event', async () => {
    const outcome = await alice.submit('Put', 'k', 'v');
    expect(outcome).toEqual({
      txId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      result: 'v',
      writes: [{ key: 'k', value: 'v' }],
      reads: [],
      ranges: [],
      event: { name: 'put', payload: 'k' },
      commitCode: 'VALID',
    });
    expect(harness.stateOf('k')).toBe('v');
    expect((await alice.evaluate('sample:Get', 'k')).result).toBe('v');
  });

  it('takes a refusal apart and leaves nothing behind', async () => {
    const outcome = await alice.submit('Fail', 'BAD_STATE: not now: later');
    expect(outcome.error).toEqual({ code: 'BAD_STATE', message: 'not now: later' });
    expect(outcome).toMatchObject({ writes: [], reads: [], result: '' });
    expect((await alice.submit('Fail', 'no code')).error).toEqual({ code: 'UNCODED', message: 'no code' });
    expect((await alice.submit('Nowhere')).error?.code).toBe('UNCODED');
    expect((await alice.submit('Put', 'only one argument')).error?.message).toContain(
      'Expected 2 parameters',
    );
  });

  it('shows a transaction the committed state and never its own writes', async () => {
    await alice.submit('Put', 'k', 'a');
    const outcome = await alice.submit('Append', 'k', 'b');
    expect(outcome.result).toBe('a');
    expect(outcome.reads).toEqual(['k']);
    expect(harness.stateOf('k')).toBe('ab');
  });

  it('refuses runs that differ between organisations', async () => {
    const outcome = await alice.submit('Nondeterministic');
    expect(outcome.error?.message).toBe('ProposalResponsePayloads do not match');
    expect(harness.stateOf('run')).toBeUndefined();
  });

  it('invalidates a transaction whose reads have changed since its endorsement', async () => {
    const early = await alice.prepare('Append', 'k', 'early');
    expect((await alice.submit('Append', 'k', 'late')).commitCode).toBe('VALID');
    expect(early.commit().commitCode).toBe('MVCC_READ_CONFLICT');
    expect(harness.stateOf('k')).toBe('late');
  });

  it('invalidates a transaction into whose range a key has come or gone', async () => {
    await alice.submit('Put', 'a1', 'x');
    const counted = await alice.prepare('CountRange', 'a', 'b', 'count');
    expect(counted.outcome.ranges).toEqual([{ startKey: 'a', endKey: 'b', keys: ['a1'] }]);
    await alice.submit('Put', 'b', 'outside: the end is exclusive');
    const again = await alice.prepare('CountRange', 'a', 'b', 'count');
    expect(counted.commit().commitCode).toBe('VALID');
    await alice.submit('Put', 'a2', 'x');
    expect(again.commit().commitCode).toBe('PHANTOM_READ_CONFLICT');
    const third = await alice.prepare('CountRange', 'a', 'b', 'count');
    await alice.submit('Remove', 'a1');
    expect(third.commit().commitCode).toBe('PHANTOM_READ_CONFLICT');
  });

  it('walks ranges in code-point order, across pages, and leaves composite keys out', async () => {
    await alice.submit('PutComposite', 'kind', 'p', 'q');
    for (const key of ['\u{1f600}', '\uffee', 'z']) await alice.submit('Put', key, 'x');
    expect(JSON.parse((await alice.submit('CountRange', '', '', 'n')).result)).toEqual([
      'z',
      '\uffee',
      '\u{1f600}',
    ]);
    for (let index = 0; index < 205; index += 1)
      await alice.submit('Put', `m${String(index).padStart(3, '0')}`, 'x');
    const walked = JSON.parse((await alice.submit('CountRange', 'm', 'n', 'n')).result) as string[];
    expect(walked).toHaveLength(205);
    expect(walked).toEqual([...walked].sort());
  });

  it('finds composite keys by their first attributes', async () => {
    await alice.submit('PutComposite', 'kind', 'p', '1');
    await alice.submit('PutComposite', 'kind', 'p', '2');
    await alice.submit('PutComposite', 'kind', 'pp', '3');
    expect(JSON.parse((await alice.evaluate('ListComposite', 'kind', 'p')).result)).toEqual([
      ['p', '1'],
      ['p', '2'],
    ]);
  });

  it('tells the history of a key newest first, deletions included', async () => {
    await alice.submit('Put', 'k', '1');
    await alice.submit('Remove', 'k');
    await alice.submit('Put', 'k', '2');
    expect(JSON.parse((await alice.evaluate('History', 'k')).result)).toEqual([
      { value: '2', isDelete: false },
      { value: '', isDelete: true },
      { value: '1', isDelete: false },
    ]);
  });

  it('keeps the last event only, deletes on an empty value and refuses private data', async () => {
    expect((await alice.submit('TwoEvents')).event).toEqual({ name: 'last', payload: '2' });
    expect((await alice.submit('Put', 'k', '')).writes).toEqual([{ key: 'k', value: null }]);
    expect((await alice.submit('Private')).error?.message).toContain('private data is not supported');
  });

  it('shows the caller, its attributes, the submitter’s clock and the transient map', async () => {
    const outcome = await alice.withTransient({ note: 'hidden' }).evaluate('WhoAmI');
    expect(JSON.parse(outcome.result)).toMatchObject({
      mspId: 'Org1MSP',
      colour: 'blue',
      id: expect.stringContaining('CN=alice') as string,
      time: NOW.toISOString(),
      transient: { note: 'hidden' },
    });
  });
});
