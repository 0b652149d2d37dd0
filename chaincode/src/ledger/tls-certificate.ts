import { EkoError } from '@eko/protocol';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { isTlsProof } from '@eko/protocol/node';
import { X509Certificate, createHash } from 'node:crypto';
import type { TlsCertificate } from '../domain/node-keys';

/**
 * Reads a node's TLS certificate: DER, self-signed, of a P-256 key. It is seen by everybody who connects, so that it is
 * signed proves nothing of who registers it.
 *
 * @throws EkoError `INVALID_KEY`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function readTlsCertificate(der: Uint8Array): TlsCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    // What the parser says of hostile bytes helps nobody and may differ between peers.
    return refuse('it holds no X.509 certificate');
  }
  if (!certificate.raw.equals(der)) return refuse('it is not in DER');
  const key = certificate.publicKey;
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    return refuse('its key is not P-256');
  if (!certificate.verify(key)) return refuse('it is not signed by its own key');
  const spki = key.export({ type: 'spki', format: 'der' });
  return {
    publicKeyHash: encodeBase64Url(createHash('sha256').update(spki).digest()),
    hasSigned: (message, proof) => isTlsProof(key, message, proof),
  };
}

function refuse(why: string): never {
  throw new EkoError('INVALID_KEY', `keys.tls is refused: ${why}`, { details: { key: 'tls' } });
}
