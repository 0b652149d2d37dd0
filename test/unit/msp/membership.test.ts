import { X509Certificate, createPrivateKey, sign } from 'node:crypto';
import { CertificateAuthority } from '@eko/msp';
import { AccessDenied, Membership } from '../../../network/msp/src/membership';
import { signLowS } from '../../../client-sdk/protocol/src/node/ecdsa-signature';
import { encodeCreator } from '../../../network/embedded/src/messages/proposal-builder';
import { issueOddCertificate, type OddCertificate } from '../../support/data/certificates';

const MESSAGE = Buffer.from('message');

describe('the membership of a channel', () => {
  let authority: CertificateAuthority;
  let stranger: CertificateAuthority;
  let membership: Membership;

  beforeAll(async () => {
    authority = await CertificateAuthority.create('ca.org1', 'org1');
    stranger = await CertificateAuthority.create('ca.org1', 'org1');
  });

  beforeEach(() => {
    membership = new Membership('channel', new Map([['Org1MSP', authority.root.certificatePem]]));
  });

  const identify = (certificatePem: string, mspId = 'Org1MSP'): unknown => {
    try {
      return membership.identify(encodeCreator(mspId, certificatePem));
    } catch (error) {
      return error;
    }
  };

  it('knows the organisation and the role of whom its authority has certified', async () => {
    for (const role of ['client', 'admin', 'peer'] as const) {
      const { certificatePem } = await authority.issue({ commonName: 'someone', role });
      expect(identify(certificatePem)).toMatchObject({ mspId: 'Org1MSP', role });
    }
  });

  it.each<[string, OddCertificate]>([
    ['began before that of its authority', { validFromDays: -3 }],
    ['has no role', { units: ['sales'] }],
    ['has two roles', { units: ['client', 'admin'] }],
    ['is an authority', { isAuthority: true }],
  ])('refuses a certificate that %s', async (_why, odd) => {
    const { certificatePem } = await issueOddCertificate(authority, odd);
    expect(identify(certificatePem)).toBeInstanceOf(AccessDenied);
  });

  it('refuses another authority of the same name, another organisation and what is no certificate', async () => {
    const { certificatePem } = await stranger.issue({ commonName: 'mallory', role: 'client' });
    expect(identify(certificatePem)).toMatchObject({
      message: 'access denied: channel [channel] creator org unknown, creator is malformed',
    });
    expect(identify(authority.root.certificatePem)).toBeInstanceOf(AccessDenied);
    const own = await authority.issue({ commonName: 'alice', role: 'client' });
    expect(identify(own.certificatePem, 'Org2MSP')).toBeInstanceOf(AccessDenied);
    expect(identify('nothing')).toBeInstanceOf(AccessDenied);
    expect(identify(own.certificatePem + ' '.repeat(64 * 1024))).toBeInstanceOf(AccessDenied);
    expect(() => membership.identify(Buffer.of(0xff, 0xff))).toThrow(AccessDenied);
  });

  it('refuses a certificate that its authority has not signed as it stands', async () => {
    const { certificatePem } = await authority.issue({ commonName: 'alice', role: 'client' });
    const der = new X509Certificate(certificatePem).raw;
    // The last byte belongs to the signature: everything that names the authority stays as it was.
    der[der.length - 1]! ^= 1;
    const forged = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(new X509Certificate(forged).checkIssued(new X509Certificate(authority.root.certificatePem))).toBe(
      true,
    );
    expect(identify(forged)).toMatchObject({
      message: expect.stringContaining('creator is malformed') as string,
    });
  });

  it('takes signatures with a low s only', async () => {
    const { certificatePem, privateKeyPem } = await authority.issue({ commonName: 'alice', role: 'client' });
    const creator = encodeCreator('Org1MSP', certificatePem);
    const key = createPrivateKey(privateKeyPem);
    const accepts = (signature: Uint8Array, message = MESSAGE): boolean => {
      try {
        return membership.authenticate(creator, message, signature).role === 'client';
      } catch {
        return false;
      }
    };
    for (let count = 0; count < 50; count += 1) expect(accepts(signLowS(key, MESSAGE))).toBe(true);
    const byOpenSsl = Array.from({ length: 50 }, () => accepts(sign('sha256', MESSAGE, key)));
    expect(new Set(byOpenSsl)).toEqual(new Set([true, false]));

    const signature = Buffer.from(signLowS(key, MESSAGE));
    expect(accepts(signature, Buffer.from('another'))).toBe(false);
    expect(accepts(new Uint8Array())).toBe(false);
    for (let index = 0; index < signature.length; index += 1) {
      const flipped = Buffer.from(signature);
      flipped.writeUInt8(signature.readUInt8(index) ^ 1, index);
      expect(accepts(flipped)).toBe(false);
    }
  });

  it('takes Ed25519 signatures', async () => {
    const { certificatePem, privateKeyPem } = await issueOddCertificate(authority, {
      keyAlgorithm: 'Ed25519',
    });
    const creator = encodeCreator('Org1MSP', certificatePem);
    const signature = sign(null, MESSAGE, createPrivateKey(privateKeyPem));
    expect(membership.authenticate(creator, MESSAGE, signature).mspId).toBe('Org1MSP');
    expect(() => membership.authenticate(creator, Buffer.from('another'), signature)).toThrow(AccessDenied);
  });
});
