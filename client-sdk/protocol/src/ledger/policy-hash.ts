import { encodeBase64Url } from '../encoding/base64url';
import { encodeCanonicalJson } from '../encoding/canonical-json';
import { LABELS } from '../crypto/key-labels';
import { labelledHash } from '../crypto/labelled-hash';
import type { StreamPolicy } from './schemas/streams';

/** The hash of a bundle's policy that every key and envelope is bound to: base64url. */
export function policyHash(policy: StreamPolicy): string {
  return encodeBase64Url(labelledHash(LABELS.policyHash, encodeCanonicalJson(policy)));
}
