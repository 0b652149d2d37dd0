import { X509Certificate, createPrivateKey } from 'node:crypto';
import { EkoError } from '@eko/protocol';
import { NodeId } from '@eko/protocol/ledger';
import { fits } from '@eko/protocol/encoding';

/** A node's TLS certificate with its key: what it shows as server and as client. */
export interface TlsIdentity {
  /** PKCS#8 PEM. */
  readonly key: Uint8Array;
  /** PEM. */
  readonly certificate: string;
  /** DER, as the registry holds it. */
  readonly certificateDer: Uint8Array;
}

/**
 * Reads a certificate with its key and checks that they belong together, to this node, and now.
 *
 * @param file - where the certificate comes from, for the error
 * @throws EkoError `INVALID_CONFIG` naming the file
 */
export function parseTlsIdentity(
  nodeId: string,
  key: Uint8Array,
  certificate: string,
  file: string,
): TlsIdentity {
  const refuse = (why: string, cause?: unknown): EkoError =>
    new EkoError('INVALID_CONFIG', `${file} ${why}`, { details: { file }, cause });
  let parsed: X509Certificate;
  let matches: boolean;
  try {
    parsed = new X509Certificate(certificate);
    matches = parsed.checkPrivateKey(createPrivateKey({ key: Buffer.from(key), format: 'pem' }));
  } catch {
    // The library's error may quote the key.
    throw refuse('or its key is not in PEM');
  }
  if (!matches) throw refuse('does not belong to the TLS key beside it');
  if (parsed.subject !== `CN=${nodeId}`) throw refuse(`is not the certificate of node ${nodeId}`);
  const now = Date.now();
  if (Date.parse(parsed.validFrom) > now || Date.parse(parsed.validTo) < now) {
    throw refuse('is not valid at this time');
  }
  return { key, certificate, certificateDer: Uint8Array.from(parsed.raw) };
}

/**
 * The node that a certificate names.
 *
 * @param file - where it comes from, for the error
 * @throws EkoError `INVALID_CONFIG` naming the file
 */
export function nodeIdOfCertificate(certificate: string, file: string): string {
  let subject = '';
  try {
    ({ subject } = new X509Certificate(certificate));
  } catch {
    // Said below: a file that is no certificate names no node.
  }
  const nodeId = subject.startsWith('CN=') ? subject.slice('CN='.length) : '';
  if (!fits(NodeId, nodeId)) {
    throw new EkoError('INVALID_CONFIG', `${file} is not the certificate of a node`, { details: { file } });
  }
  return nodeId;
}
