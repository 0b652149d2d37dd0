import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@eko/protocol/encoding';
import { strictObject } from '@eko/protocol/ledger';
import { loadConfiguration } from '../../../../network/node-kit/src/process/configuration';
import { rejectionOf } from '../../../support/coded-error';

const schema = strictObject({
  dataDirectory: Type.String(),
  port: Type.Integer({ minimum: 0, maximum: 65535, default: 0 }),
  verbose: Type.Boolean({ default: false }),
  allowAddresses: Type.Array(Type.String(), { default: [] }),
  token: Type.Optional(Type.String()),
});

describe('loadConfiguration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eko-config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const inFile = (text: string): string => {
    const file = join(folder, 'node.yaml');
    writeFileSync(file, text);
    return file;
  };
  const load = (sources: Partial<Parameters<typeof loadConfiguration<typeof schema>>[0]>) =>
    loadConfiguration({ schema, environment: {}, environmentPrefix: 'EKO_', ...sources });
  const refusal = async (sources: Parameters<typeof load>[0]): Promise<unknown> => {
    const { code, details } = await rejectionOf(load(sources));
    return { code, details };
  };
  const naming = (setting: string): unknown => ({ code: 'INVALID_CONFIG', details: { setting } });

  it('takes defaults, file, environment and flags in this order', async () => {
    const file = inFile('dataDirectory: /from/file\nport: 1\nverbose: true\n');
    const environment = { EKO_PORT: '2', EKO_ALLOW_ADDRESSES: '127.0.0.0/8, 10.0.0.0/8', OTHER: 'x' };
    const { settings, origins } = await load({ file, environment, flags: { port: '3', token: undefined } });
    expect(settings).toEqual({
      dataDirectory: '/from/file',
      port: 3,
      verbose: true,
      allowAddresses: ['127.0.0.0/8', '10.0.0.0/8'],
    });
    expect(origins).toEqual({
      dataDirectory: 'file',
      port: 'flag',
      verbose: 'file',
      allowAddresses: 'environment',
    });
  });

  it('reads JSON files and secrets from files that a variable names', async () => {
    const secret = join(folder, 'token');
    writeFileSync(secret, 'abc\n');
    const file = inFile('{"dataDirectory": "/d"}');
    const { settings } = await load({ file, environment: { EKO_TOKEN_FILE: secret } });
    expect(settings).toMatchObject({ dataDirectory: '/d', token: 'abc' });
  });

  it.each([
    ['a file', { file: '/dev/zero' }, '/dev/zero'],
    ['a file that a variable names', { environment: { EKO_TOKEN_FILE: '/dev/zero' } }, 'EKO_TOKEN_FILE'],
  ])('refuses %s that has no end', async (_title, sources, name) => {
    expect(await refusal(sources)).toEqual(naming(name));
  });

  it('names the nearest setting for one that it does not know', async () => {
    const file = inFile('dataDirectroy: /d\n');
    await expect(load({ file })).rejects.toThrow(/did you mean dataDirectory\?/);
    expect(await refusal({ file })).toEqual(naming('dataDirectroy'));
    await expect(load({ environment: { EKO_PROT: '1' } })).rejects.toThrow(/did you mean EKO_PORT\?/);
  });

  it.each([
    ['a number in words', { EKO_PORT: 'many' }],
    ['hexadecimal', { EKO_PORT: '0x10' }],
    ['nothing', { EKO_PORT: '' }],
    ['a number out of range', { EKO_PORT: '65536' }],
    ['an exponent', { EKO_PORT: '1e3' }],
  ])('refuses %s where a number belongs', async (_, environment) => {
    expect(await refusal({ environment, flags: { dataDirectory: '/d' } })).toEqual(naming('port'));
  });

  it('refuses what is missing, doubled, no mapping, no YAML or not there', async () => {
    expect(await refusal({})).toEqual(naming('dataDirectory'));
    const doubledInJson = '{"dataDirectory": "/d", "port": 1, "port": 2}';
    for (const text of [
      'port: 1\nport: 2\n',
      doubledInJson,
      '- 1\n',
      '[1]',
      '{{{',
      'a: &x [1]\nport: *x\n',
    ]) {
      expect(await refusal({ file: inFile(text) })).toMatchObject({ code: 'INVALID_CONFIG' });
    }
    const absent = join(folder, 'absent.yaml');
    expect(await refusal({ file: absent })).toEqual(naming(absent));
  });

  it('takes booleans only as true and false', async () => {
    const flags = { dataDirectory: '/d' };
    expect((await load({ flags, environment: { EKO_VERBOSE: 'true' } })).settings.verbose).toBe(true);
    expect(await refusal({ flags, environment: { EKO_VERBOSE: 'yes' } })).toEqual(naming('verbose'));
  });
});
