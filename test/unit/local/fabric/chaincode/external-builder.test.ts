import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BUILDER_ADDRESSES,
  writeExternalBuilder,
} from '../../../../../network/local/src/fabric/chaincode/external-builder';

describe('the external builder of chaincode as a service', () => {
  let directory: string;
  const folder = (name: string): string => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const bin = (name: string): string => join(directory, 'builder', 'bin', name);

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'eko builder-'));
    await writeExternalBuilder(join(directory, 'builder'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it.each([
    ['{"type":"ccaas","label":"x"}', 0],
    ['{ "label": "ccaas",\n "type" : "ccaas" }', 0],
    ['{"type":"node","label":"ccaas"}', 1],
    ['{"type":"golang"}', 1],
  ])('takes or leaves a package of %j', (metadata, status) => {
    writeFileSync(join(folder('metadata'), 'metadata.json'), metadata);
    expect(spawnSync(bin('detect'), [folder('source'), folder('metadata')]).status).toBe(status);
  });

  const built = (connection: object, values: object): string => {
    writeFileSync(join(folder('source'), 'connection.json'), JSON.stringify(connection));
    execFileSync(bin('build'), [folder('source'), folder('metadata'), folder('output')], {
      env: { PATH: process.env['PATH'], [BUILDER_ADDRESSES]: JSON.stringify(values) },
      stdio: 'pipe',
    });
    execFileSync(bin('release'), [folder('output'), folder('release')], { stdio: 'pipe' });
    return readFileSync(join(directory, 'release', 'chaincode', 'server', 'connection.json'), 'utf8');
  };

  it('fills in what the peer gives and keeps the rest to the byte', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB+/=&|\\1\n-----END CERTIFICATE-----\n';
    const connection = { address: '{{.host}}:{{.port}}', root_cert: pem, dial_timeout: '10s' };
    const values = { host: '127.0.0.1', port: '17153', other: 'x' };
    expect(JSON.parse(built(connection, values))).toEqual({ ...connection, address: '127.0.0.1:17153' });
  });

  it('takes a package as it is where it asks for nothing', () => {
    expect(JSON.parse(built({ address: 'chaincode:9999' }, {}))).toEqual({ address: 'chaincode:9999' });
  });

  it('fails where the peer gives no such value', () => {
    expect(() => built({ address: '{{.peername}}:9999' }, { peer: 'x' })).toThrow(/peername/);
  });

  it('hands indexes on', () => {
    const indexes = folder('source/META-INF/statedb/couchdb/indexes');
    writeFileSync(join(indexes, 'byOwner.json'), '{}');
    built({ address: 'chaincode:9999' }, {});
    const handedOn = join(directory, 'release/statedb/couchdb/indexes/byOwner.json');
    expect(readFileSync(handedOn, 'utf8')).toBe('{}');
  });
});
