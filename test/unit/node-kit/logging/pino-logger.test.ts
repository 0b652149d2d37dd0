import { EkoError, SecretBytes } from '@eko/protocol';
import { type LogFields } from '@eko/node-kit';
import { newLogger } from '../../../../network/node-kit/src/logging/pino-logger';

const CANARY = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';

function logged(fields: LogFields): Record<string, unknown> {
  const lines: string[] = [];
  newLogger('witness-a', 'info', { write: (line) => lines.push(line) }).info('something happened', fields);
  const [line] = lines;
  if (line === undefined) throw new Error('nothing was logged');
  return JSON.parse(line) as Record<string, unknown>;
}

describe('newLogger', () => {
  it('writes the fields that it knows', () => {
    expect(logged({ bundleId: 'b', count: 3 })).toMatchObject({
      node: 'witness-a',
      msg: 'something happened',
      bundleId: 'b',
      count: 3,
    });
  });

  it('leaves out whatever else is passed', () => {
    const extra = {
      count: 1,
      key2: CANARY,
      share: new SecretBytes('share', new Uint8Array(32)),
      nested: { psk: CANARY },
    };
    const line = logged(extra);
    expect(JSON.stringify(line)).not.toContain(CANARY);
    expect(Object.keys(line).sort()).toEqual(['count', 'level', 'msg', 'node', 'time']);
  });

  it('shows our errors by code and details, and foreign ones by class alone', () => {
    const cause = new Error(CANARY);
    const ours = logged({ error: new EkoError('NO_PERMIT', 'text', { details: { bundleId: 'b' }, cause }) });
    expect(ours).toMatchObject({ code: 'NO_PERMIT', details: { bundleId: 'b' } });
    const foreign = logged({ error: Object.assign(new RangeError(CANARY), { code: 'ERR_OUT_OF_RANGE' }) });
    expect(foreign).toMatchObject({ code: 'INTERNAL', error: 'RangeError', systemCode: 'ERR_OUT_OF_RANGE' });
    expect(JSON.stringify([ours, foreign])).not.toContain(CANARY);
  });

  it('bounds the text of a field', () => {
    expect(logged({ reason: 'x'.repeat(1_000) })['reason']).toHaveLength(200);
  });
});
