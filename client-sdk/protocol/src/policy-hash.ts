import { encodeBase64Url } from './base64url';
import { encodeCanonicalJson } from './canonical-json';
import { LABELS } from './key-labels';
import { labelledHash } from './labelled-hash';
import type { StreamPolicy } from './schemas/streams';

/** The hash of a bundle's policy that every key and envelope is bound to: base64url. */
export function policyHash(policy: StreamPolicy): string {
  return encodeBase64Url(labelledHash(LABELS.policyHash, encodeCanonicalJson(policy)));
}
