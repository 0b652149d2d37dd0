import { decodeBase64Url } from '../encoding/base64url';
import { uint32Bytes } from '../encoding/bytes';
import { LABELS } from '../crypto/key-labels';
import { HASH_BYTES, labelledBytes, labelledHash } from '../crypto/labelled-hash';
import type { AssignmentRecord, BundleRecord } from '../ledger/schemas/streams';
import { VRF_OUTPUT_BYTES } from '../crypto/vrf';

/**
 * What every assigned orchestrator proves its VRF over: nothing in it is the orchestrator's to choose, and before consent
 * nobody knows it.
 * @see docs/protocol.md, "2. The draw"
 */
export function vrfInput(input: {
  readonly channel: string;
  readonly bundle: Pick<BundleRecord, 'bundleId' | 'requestTxId'>;
  readonly assignment: Pick<AssignmentRecord, 'seed' | 'fence'>;
}): Uint8Array {
  const { channel, bundle, assignment } = input;
  return labelledBytes(
    LABELS.vrfInput,
    channel,
    bundle.bundleId,
    bundle.requestTxId,
    decodeBase64Url(assignment.seed, HASH_BYTES),
    uint32Bytes(assignment.fence),
  );
}

/** One orchestrator's verified VRF output. */
export interface VrfOutput {
  readonly orchestrator: string;
  /** 64 bytes, from `verifyVrf`. */
  readonly output: Uint8Array;
}

/**
 * The seed of a bundle's draw, from the outputs of all its orchestrators in whatever order.
 *
 * @returns 32 bytes
 * @throws RangeError where there is no output, one orchestrator has two, or one has another size
 */
export function selectionSeed(outputs: readonly VrfOutput[]): Uint8Array {
  const sorted = [...outputs].sort((a, b) => (a.orchestrator < b.orchestrator ? -1 : 1));
  const isSound =
    sorted.length > 0 &&
    sorted.every(({ orchestrator, output }, place) => {
      return output.length === VRF_OUTPUT_BYTES && orchestrator !== sorted[place - 1]?.orchestrator;
    });
  if (!isSound) throw new RangeError('A seed takes one output of 64 bytes of each orchestrator');
  return labelledHash(
    LABELS.selectionSeed,
    ...sorted.flatMap(({ orchestrator, output }) => [orchestrator, output]),
  );
}
