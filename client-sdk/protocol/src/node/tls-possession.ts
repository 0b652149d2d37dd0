import { createPrivateKey, sign, verify, type KeyObject } from 'node:crypto';
import { encodeBase64Url } from '../encoding/base64url';
import { tlsPossessionMessage, type KeyOwner } from '../crypto/key-possession';
import type { NodeKeysDocument } from '../ledger/schemas/nodes';

const ENCODING = 'ieee-p1363';

/**
 * Proves to the registry that whoever registers a node holds the key of its TLS certificate.
 *
 * @param tls - the key in PEM and the certificate in DER
 */
export function proveTlsKey(
  tls: { readonly key: Uint8Array; readonly certificateDer: Uint8Array },
  owner: KeyOwner,
): NodeKeysDocument['tls'] {
  const key = createPrivateKey({ key: Buffer.from(tls.key), format: 'pem' });
  const message = tlsPossessionMessage(owner, tls.certificateDer);
  const proof = sign('sha256', message, { key, dsaEncoding: ENCODING });
  return {
    certificate: encodeBase64Url(tls.certificateDer),
    proof: encodeBase64Url(Uint8Array.from(proof)),
  };
}

/** Tells whether the P-256 key `publicKey` made `proof`, 64 bytes, over a message. */
export function isTlsProof(publicKey: KeyObject, message: Uint8Array, proof: Uint8Array): boolean {
  return verify('sha256', message, { key: publicKey, dsaEncoding: ENCODING }, proof);
}
