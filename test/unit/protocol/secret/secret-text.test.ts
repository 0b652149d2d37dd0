import { secretKindOf, secretKindOfAll, secretKindOfHost } from '@eko/protocol/encoding';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../..');

/** 16 bytes that nobody chose, by number: the same in every run. */
const bytesOf = (number: number, length: number): Buffer =>
  createHash('sha512').update(`secret ${number}`).digest().subarray(0, length);

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const fives = bits.match(/.{1,5}/g) ?? [];
  const digit = (five: string): number => Number.parseInt(five.padEnd(5, '0'), 2);
  return fives.map((five) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(digit(five))).join('');
}

/** How many of a thousand secrets are seen. */
const seen = (encode: (bytes: Buffer) => string, length: number): number =>
  Array.from({ length: 1000 }, (_, number) => encode(bytesOf(number, length))).filter(
    (text) => secretKindOf(text) !== undefined,
  ).length;

const inParts = (text: string, length: number): string[] =>
  text.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];

describe('text that looks like a secret', () => {
  it.each([
    ['-----BEGIN PRIVATE KEY-----', 'a PEM block'],
    ['note -----begin ec private key-----', 'a PEM block'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0', 'a JSON Web Token'],
    ['password: hunter2', 'a credential'],
    ['API_KEY=x', 'a credential'],
    ['my passphrase : correct horse', 'a credential'],
    ['Authorization Bearer abcdefgh1', 'a bearer token'],
    ['00112233445566778899aabbccddeeff', 'long hexadecimal'],
    ['x-deadbeefdeadbeefdeadbeefdeadbeef-y', 'long hexadecimal'],
    ['3q2-7wABAgMEBQYHCAkKCw', 'long base64'],
    ['gW5mTqk2Rj9XvL0sPz7YbQ==', 'long base64'],
    ['gW5mTqk2Rj9XvL0sPz7YbQ8dHf3kNc6u/Ew1aZt4', 'long base64'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'long hexadecimal'],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'long base64'],
    ['jbswy3dpk5xxe3dejz2g64dfmm2q', 'long base64'],
    ['dead1eef-cafe2abe-0badf00d-8badf00d', 'a key in parts'],
    ['0011.2233.4455.6677.8899.aabb.ccdd.eeff', 'a key in parts'],
    ['gW5mTq k2Rj9X vL0sPz 7YbQr1', 'a key in parts'],
  ])('%j is taken for one', (text, kind) => {
    expect(secretKindOf(text)).toBe(kind);
  });

  it.each([
    'telemetry',
    'north field',
    'patient-record',
    'read',
    'app:calibrate',
    'sensors/north-field/station-7/temperature/hourly',
    'telemetry-of-the-north-field-station-seven-hourly-means',
    'TelemetryOfTheNorthFieldStationSeven',
    'Site-A-Hall-3-Line-7-Robot-12',
    'Lidar3D-Scan4K-V2-Rev7B',
    '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e',
    '2026-11-30T10:05:00Z to 2026-12-01T10:05:00Z',
    '+49 30 1234567 4711 0815 2342',
    '9278691',
    '3f2a1b4c5d6e7f80',
    'urn:oid:1.2.840.113549.1.9.16.1.4',
    'application/vnd.oasis.opendocument.text',
    'secretariat of the hospital',
    'tokens of appreciation',
    'eu-central-1a.rack42.unit17.gpu8',
    'FHIR R4 Observation 8867-4 bpm',
  ])('%j is not', (text) => {
    expect(secretKindOf(text)).toBeUndefined();
  });

  it('is seen in nearly every key of 16 or 32 bytes, however it is written', () => {
    expect(seen((bytes) => bytes.toString('hex'), 16)).toBe(1000);
    expect(seen((bytes) => bytes.toString('base64'), 16)).toBeGreaterThan(940);
    expect(seen((bytes) => bytes.toString('base64url'), 16)).toBeGreaterThan(940);
    expect(seen((bytes) => bytes.toString('base64url'), 32)).toBeGreaterThan(990);
    expect(seen(base32, 16)).toBeGreaterThan(920);
    expect(seen((bytes) => inParts(bytes.toString('hex'), 8).join('-'), 16)).toBeGreaterThan(990);
  });

  it('is found in hardly any name that programmers give', () => {
    const sources = ['chaincode/src/domain', 'client-sdk/protocol/src', 'client-sdk/sdk/src/client', 'docs'];
    const text = sources
      .flatMap((folder) =>
        readdirSync(join(ROOT, folder), { encoding: 'utf8', recursive: folder !== 'docs' }).map((name) =>
          join(ROOT, folder, name),
        ),
      )
      .filter((file) => /\.(ts|md)$/.test(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const names = [...new Set(text.match(/[A-Za-z][A-Za-z0-9_-]{11,63}/g))].filter(
      (name) => !/[0-9a-f]{16}/.test(name),
    );
    const wrong = names.filter((name) => secretKindOf(name) !== undefined);
    expect(names.length).toBeGreaterThan(700);
    expect(wrong).toEqual([]);
  });
});

describe('texts that are a secret together', () => {
  const hex = '9f86d081884c7d659a2feaa0c55ad015';

  it.each([
    ['two halves', inParts(hex, 16)],
    ['four parts', inParts(hex, 8)],
    ['eight parts', inParts(hex, 4)],
    ['five parts, the last one shorter', inParts(hex, 7)],
    ['base64', inParts('gW5mTqk2Rj9XvL0sPz7YbQ8d', 8)],
  ])('are seen in %s', (_what, texts) => {
    for (const text of texts) expect(secretKindOf(text)).toBeUndefined();
    expect(secretKindOfAll(texts)).toBe('a key in parts');
  });

  it.each([
    [['read', 'write', 'app:calibrate']],
    [['north field', '2026', '1130', 'line 0042', '1234']],
    [['9278691', '20261130', '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e']],
    [['hall1', 'hall2', 'hall3', 'hall4', 'hall5', 'hall6']],
    [['hsm', 'audited', 'eu-north', 'tier3', 'fips140']],
    [['deadbeef', 'cafe', 'f00d']],
  ])('are not seen in %j', (texts) => {
    expect(secretKindOfAll(texts)).toBeUndefined();
  });
});

describe('hosts', () => {
  it.each([
    'w7.example:8443',
    'witness-7.hospital-north.example.org:8443',
    '127.0.0.1:8443',
    '[2001:0db8:85a3:08d3:1319:8a2e:0370:7344]:8443',
    '2001-0db8-85a3-08d3-1319-8a2e-0370-7344.ipv6.example:8443',
    'ec2-203-0-113-25.eu-central-1.compute.amazonaws.com:8443',
    'a5d2c3f1e4b6a7890123456789abcdef-1234567890.eu-west-1.elb.amazonaws.com:443',
    'internal-a5d2c3f1e4b6a7890123456789abcdef-123456789.eu-west-1.elb.amazonaws.com:443',
    'k8s-default-myservic-1a2b3c4d5e-0123456789abcdef.elb.eu-central-1.amazonaws.com:443',
    'k8s-ekoprod-witness7-3f2a1b4c5d.elb.eu-west-1.amazonaws.com:443',
    'vpce-0a1b2c3d4e5f67890-abcdefgh.vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com:443',
    'eko-prod-dns-7c9f4b1e.hcp.westeurope.azmk8s.io:443',
    'witness7.blackforest-1234abcd.westeurope.azurecontainerapps.io:443',
    'gke-cluster-1-default-pool-1a2b3c4d-x9z8.europe-west3-a.c.project-4711.internal:8443',
    'd111111abcdef8.cloudfront.net:443',
    'eko-witness-north-hospital-production-0042.internal.example:8443',
  ])('%s is none', (host) => {
    expect(secretKindOfHost(host)).toBeUndefined();
  });

  it.each([
    'deadbeefdeadbeefdeadbeefdeadbeef.example:8443',
    'dead1eef.cafe2abe.0badf00d.8badf00d.example:8443',
    'jbswy3dpk5xxe3dejz2g64dfmm2q.example:8443',
    'a5d2c3f1e4b6a7890123456789abcdef-1234567890.eu-west-1.elb.example:443',
    'gW5mTqk2Rj9XvL0sPz7YbQ.example:8443',
  ])('%s is one', (host) => {
    expect(secretKindOfHost(host)).toBeDefined();
  });
});
