import { X509Certificate } from 'node:crypto';
import { failure, ok, skipped, type Finding } from './finding';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MAX_LENGTH = 8;

/** Whether a certificate was issued by the authorities of its MSP, up to a root. */
export function checkChain(
  certificate: X509Certificate,
  authorityPems: readonly string[],
  nowUnixMs: number,
): Finding {
  const authorities = authorityPems.flatMap((pem) => pem.match(BLOCK) ?? []).flatMap(readAuthority);
  if (authorities.length === 0 && authorityPems.length > 0)
    return failure(
      'chain',
      'INVALID_CONFIG',
      'What lies there for the authority of the MSP is no certificate in PEM',
      "name the authority's certificate with --ca, or put it into cacerts beside the certificate's signcerts",
    );
  if (authorities.length === 0) {
    return skipped('chain', 'no authority of the MSP lies beside the certificate: name it with --ca');
  }
  let last = certificate;
  for (let length = 0; length < MAX_LENGTH; length += 1) {
    const issuer = authorities.find((each) => isIssuedBy(last, each));
    if (issuer === undefined) return broken(`${subjectOf(last)} was not issued by the authority of its MSP`);
    if (!issuer.ca) return broken(`${subjectOf(issuer)} is no authority`);
    if (Date.parse(issuer.validTo) < nowUnixMs)
      return broken(`The authority ${subjectOf(issuer)} has expired`);
    if (isIssuedBy(issuer, issuer)) return ok('chain', `issued by ${subjectOf(issuer)}`);
    last = issuer;
  }
  return broken('The chain of authorities is too long');
}

function readAuthority(pem: string): readonly X509Certificate[] {
  try {
    return [new X509Certificate(pem)];
  } catch {
    // It certifies nobody; whoever needed it is found to be without an authority.
    return [];
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

const broken = (text: string): Finding =>
  failure(
    'chain',
    'INVALID_CONFIG',
    text,
    'use an identity of the present network: one that was made anew has new authorities',
  );

const subjectOf = ({ subject }: X509Certificate): string =>
  /(?:^|\n)CN=(.*)/.exec(subject)?.[1] ?? 'a certificate without a name';
