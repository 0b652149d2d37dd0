import { createHash } from 'node:crypto';

/** Names a TLS certificate: SHA-256 of its DER, base64url. Both ends of a connection compare this and nothing else. */
export function certificateFingerprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('base64url');
}
