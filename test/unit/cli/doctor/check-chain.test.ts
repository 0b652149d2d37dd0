import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { checkChain } from '../../../../client-sdk/cli/src/doctor/check-chain';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NOW = Date.parse('2030-01-01T00:00:00Z');
const LONGEST = 8;

/** Somebody with a key and a certificate, who may certify others. */
interface Holder {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
}

interface Certified {
  readonly isAuthority?: boolean;
  readonly notAfter?: string;
  /** A key that somebody has already. */
  readonly keys?: webcrypto.CryptoKeyPair;
}

async function certify(name: string, issuer?: Holder, certified: Certified = {}): Promise<Holder> {
  const { isAuthority = true, notAfter = '2040-01-01T00:00:00Z' } = certified;
  const keys = certified.keys ?? (await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']));
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: [{ CN: [issuer?.name ?? name] }],
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: P256,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date(notAfter),
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true)],
  });
  return { name, keys, pem: new X509Certificate(Buffer.from(certificate.rawData)).toString() };
}

const check = (holder: Holder, authorities: readonly string[]) =>
  checkChain(new X509Certificate(holder.pem), authorities, NOW);

/** A root, and so many authorities below it, each certified by the one before. */
async function chain(length: number): Promise<readonly Holder[]> {
  const holders = [await certify('root')];
  while (holders.length < length) holders.push(await certify(`authority ${holders.length}`, holders.at(-1)));
  return holders;
}

const pems = (holders: readonly Holder[]): readonly string[] => holders.map(({ pem }) => pem);

describe('the chain of an identity', () => {
  let root: Holder;
  let user: Holder;
  beforeAll(async () => {
    root = await certify('root');
    user = await certify('user', root, { isAuthority: false });
  });

  it('ends at the root of its MSP, wherever that stands among the authorities', async () => {
    const other = await certify('other root');
    expect(check(user, [other.pem, root.pem])).toMatchObject({ status: 'ok', text: 'issued by root' });
    expect(check(user, [other.pem + root.pem])).toMatchObject({ status: 'ok', text: 'issued by root' });
  });

  it('is not looked for where no authority is there, and fails where none that is there can be read', () => {
    const unreadable = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(check(user, [])).toMatchObject({ status: 'skipped' });
    for (const none of [[''], [unreadable]])
      expect(check(user, none)).toMatchObject({ status: 'failure', code: 'INVALID_CONFIG' });
    expect(check(user, [unreadable, root.pem])).toMatchObject({ status: 'ok' });
  });

  it('needs both the name of the authority and its key', async () => {
    const sameName = await certify('root');
    const sameKey = await certify('renamed root', undefined, { keys: root.keys });
    for (const { pem } of [sameName, sameKey]) {
      expect(check(user, [pem])).toMatchObject({
        status: 'failure',
        text: 'user was not issued by the authority of its MSP',
      });
    }
  });

  it('does not lead over one that is no authority', async () => {
    const impostor = await certify('impostor', root, { isAuthority: false });
    const victim = await certify('victim', impostor);
    expect(check(victim, pems([root, impostor]))).toMatchObject({
      status: 'failure',
      text: 'impostor is no authority',
    });
  });

  it('does not lead over an authority that has expired', async () => {
    const old = await certify('old', root, { notAfter: '2029-12-31T23:59:59Z' });
    const young = await certify('young', root, { notAfter: '2030-01-01T00:00:01Z' });
    expect(check(await certify('user', old), pems([root, old]))).toMatchObject({
      status: 'failure',
      text: 'The authority old has expired',
    });
    expect(check(await certify('user', young), pems([root, young]))).toMatchObject({ status: 'ok' });
  });

  it('lacks an authority in the middle, and says whose', async () => {
    const [top, middle, lowest] = await chain(3);
    if (top === undefined || middle === undefined || lowest === undefined)
      throw new TypeError('there are three');
    const below = await certify('user', lowest);
    expect(check(below, pems([top, lowest]))).toMatchObject({
      status: 'failure',
      text: 'authority 2 was not issued by the authority of its MSP',
    });
    expect(check(below, pems([top, middle, lowest]))).toMatchObject({ status: 'ok' });
  });

  it(`has ${LONGEST} authorities at most, and does not run in a circle`, async () => {
    const longest = await chain(LONGEST);
    expect(check(await certify('user', longest.at(-1)), pems(longest))).toMatchObject({ status: 'ok' });
    const longer = await chain(LONGEST + 1);
    const tooLong = { status: 'failure', text: 'The chain of authorities is too long' };
    expect(check(await certify('user', longer.at(-1)), pems(longer))).toMatchObject(tooLong);

    const one = await certify('one');
    const two = await certify('two', one);
    const circle = [await certify('one', two, { keys: one.keys }), two];
    expect(check(await certify('user', two), pems(circle))).toMatchObject(tooLong);
  });
});
