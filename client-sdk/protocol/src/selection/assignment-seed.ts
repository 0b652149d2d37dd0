import { decodeBase64Url } from '../encoding/base64url';
import { POINT_BYTES } from '../crypto/edwards-point';
import { EkoError, isEkoError } from '../errors';
import { LABELS } from '../crypto/key-labels';
import { labelledBytes, labelledHash } from '../crypto/labelled-hash';
import type { BundleRecord } from '../ledger/schemas/streams';
import { VRF_PROOF_BYTES, verifyVrf, type VrfVerifier } from '../crypto/vrf';

/** What names a request for good. */
export interface RequestName {
  readonly channel: string;
  readonly bundleId: string;
  readonly requestTxId: string;
}

/**
 * What a provider proves its VRF over when it consents by hand. Nothing in it is the provider's to choose, and its
 * initiator does not know the output.
 * @see docs/protocol.md, "1. Request and consent"
 */
export function consentInput({ channel, bundleId, requestTxId }: RequestName): Uint8Array {
  return labelledBytes(LABELS.consentInput, channel, bundleId, requestTxId);
}

/**
 * The seed of a bundle's assignments: of the request alone under a standing offer, of the request and the provider's
 * VRF output where the provider consents by hand.
 *
 * @param output - 64 bytes, from `verifyVrf`
 * @returns 32 bytes
 * @see docs/protocol.md, "1. Request and consent"
 */
export function assignmentSeed(
  { channel, bundleId, requestTxId }: RequestName,
  output: Uint8Array | undefined,
): Uint8Array {
  const fields = [channel, bundleId, requestTxId, ...(output === undefined ? [] : [output])];
  return labelledHash(LABELS.assignmentSeed, ...fields);
}

/**
 * The seed of a bundle's assignments from what the ledger holds.
 *
 * @param proof - the provider's, from its acceptance; `undefined` where a standing offer consented
 * @param verify - `verifyVrf`, or a verifier with the same answers
 * @returns 32 bytes
 * @throws EkoError `BAD_PROOF` where the proof is not the one that the bundle needs
 * @see docs/protocol.md, "1. Request and consent"
 */
export function recomputeAssignmentSeed(input: {
  readonly channel: string;
  readonly bundle: Pick<BundleRecord, 'bundleId' | 'requestTxId' | 'policy' | 'providerVrf'>;
  readonly proof: string | undefined;
  readonly verify?: VrfVerifier;
}): Uint8Array {
  const { channel, bundle, proof, verify = verifyVrf } = input;
  const { bundleId, requestTxId, policy, providerVrf } = bundle;
  const request: RequestName = { channel, bundleId, requestTxId };
  if (providerVrf === undefined && proof === undefined) return assignmentSeed(request, undefined);
  const output =
    providerVrf === undefined || proof === undefined
      ? undefined
      : outputOf(providerVrf, consentInput(request), proof, verify);
  if (output !== undefined) return assignmentSeed(request, output);
  throw new EkoError(
    'BAD_PROOF',
    `The VRF proof does not hold for this request and the key that ${policy.provider} had at it`,
    { details: { provider: policy.provider } },
  );
}

/** The output that a proof stands for; `undefined` where it does not hold. */
function outputOf(
  key: string,
  alpha: Uint8Array,
  proof: string,
  verify: VrfVerifier,
): Uint8Array | undefined {
  try {
    return verify(decodeBase64Url(key, POINT_BYTES), alpha, decodeBase64Url(proof, VRF_PROOF_BYTES));
  } catch (error) {
    if (!isEkoError(error, 'BAD_PROOF', 'INVALID_ARGUMENT')) throw error;
    return undefined;
  }
}
