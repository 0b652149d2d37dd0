import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type, strictObject } from '@eko/protocol';
import { loadConfiguration } from '@eko/node-kit';
import { codedError } from '../../support/coded-error';

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
  const refusal = (sources: Parameters<typeof load>[0]): unknown => {
    const { code, details } = codedError(() => load(sources));
    return { code, details };
  };
  const naming = (setting: string): unknown => ({ code: 'INVALID_CONFIG', details: { setting } });

  it('takes defaults, file, environment and flags in this order', () => {
    const file = inFile('dataDirectory: /from/file\nport: 1\nverbose: true\n');
    const environment = { EKO_PORT: '2', EKO_ALLOW_ADDRESSES: '127.0.0.0/8, 10.0.0.0/8', OTHER: 'x' };
    const { settings, origins } = load({ file, environment, flags: { port: '3', token: undefined } });
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

  it('reads JSON files and secrets from files that a variable names', () => {
    const secret = join(folder, 'token');
    writeFileSync(secret, 'abc\n');
    const file = inFile('{"dataDirectory": "/d"}');
    expect(load({ file, environment: { EKO_TOKEN_FILE: secret } }).settings.token).toBe('abc');
  });

  it('names the nearest setting for one that it does not know', () => {
    const file = inFile('dataDirectroy: /d\n');
    expect(() => load({ file })).toThrow(/did you mean dataDirectory\?/);
    expect(refusal({ file })).toEqual(naming('dataDirectroy'));
    expect(() => load({ environment: { EKO_PROT: '1' } })).toThrow(/did you mean EKO_PORT\?/);
  });

  it.each([
    ['a number in words', { EKO_PORT: 'many' }],
    ['hexadecimal', { EKO_PORT: '0x10' }],
    ['nothing', { EKO_PORT: '' }],
    ['a number out of range', { EKO_PORT: '65536' }],
    ['an exponent', { EKO_PORT: '1e3' }],
  ])('refuses %s where a number belongs', (_, environment) => {
    expect(refusal({ environment, flags: { dataDirectory: '/d' } })).toEqual(naming('port'));
  });

  it('refuses what is missing, doubled, no mapping, no YAML or not there', () => {
    expect(refusal({})).toEqual(naming('dataDirectory'));
    for (const text of ['port: 1\nport: 2\n', '- 1\n', '{{{', 'a: &x [1]\nport: *x\n']) {
      expect(refusal({ file: inFile(text) })).toMatchObject({ code: 'INVALID_CONFIG' });
    }
    const absent = join(folder, 'absent.yaml');
    expect(refusal({ file: absent })).toEqual(naming(absent));
  });

  it('takes booleans only as true and false', () => {
    const flags = { dataDirectory: '/d' };
    expect(load({ flags, environment: { EKO_VERBOSE: 'true' } }).settings.verbose).toBe(true);
    expect(refusal({ flags, environment: { EKO_VERBOSE: 'yes' } })).toEqual(naming('verbose'));
  });
});
