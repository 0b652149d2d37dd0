import { concatBytes, uint32Bytes } from '../encoding/bytes';
import { dealingContextHash, type DealingContext } from '../dealing/dealing-context';
import { EkoError } from '../errors';
import { expandSha256, hkdfSha256 } from './hkdf-sha256';
import { LABELS, type Label } from './key-labels';
import { HASH_BYTES, labelledBytes, labelledHash } from './labelled-hash';
import { SecretBytes } from '../secret/secret-bytes';
import { formatStreamId } from '../ledger/stream-id';
import { utf8Encode } from '../encoding/utf8';

/** Size of a contribution, an epoch key and every key of a stream. */
export const KEY_BYTES = 32;

/** Which epoch of which stream a key is for. */
export interface EpochContext {
  readonly bundleId: string;
  readonly index: number;
  readonly requestTxId: string;
  /** Base64url. */
  readonly policyHash: string;
  readonly epoch: number;
}

/**
 * The key of one epoch from all dealers' contributions, in the order of the ledger's record of them.
 *
 * @param contributions - 32 bytes each; they stay the caller's
 * @throws RangeError where there is none, or one has another size
 * @see docs/protocol.md, "5. The key and the stream"
 */
export function deriveEpochKey(
  context: EpochContext,
  contributions: readonly SecretBytes<'contribution'>[],
): SecretBytes<'epoch key'> {
  if (contributions.length === 0 || contributions.some((part) => part.length !== KEY_BYTES)) {
    throw new RangeError('An epoch key needs contributions of 32 bytes');
  }
  const material = new Uint8Array(contributions.length * KEY_BYTES);
  contributions.forEach((part, place) => part.use((bytes) => material.set(bytes, place * KEY_BYTES)));
  const salt = labelledHash(
    LABELS.epochSalt,
    context.bundleId,
    uint32Bytes(context.index),
    context.requestTxId,
    context.policyHash,
  );
  const info = concatBytes(utf8Encode(LABELS.epochKey), uint32Bytes(context.epoch));
  const key = hkdfSha256(material, salt, info, KEY_BYTES);
  material.fill(0);
  return new SecretBytes('epoch key', key);
}

/** The TLS pre-shared key that goes with a PSK identity. @see docs/protocol.md, "5. The key and the stream" */
export function deriveStreamPsk(
  epochKey: SecretBytes<'epoch key'>,
  { identity }: { readonly identity: string },
): SecretBytes<'tls psk'> {
  return new SecretBytes('tls psk', expandKey(epochKey, LABELS.streamPsk, [identity], KEY_BYTES));
}

/** The key of the first message each way on a connection. @see docs/protocol.md, "5. The key and the stream" */
export function deriveConfirmKey(
  epochKey: SecretBytes<'epoch key'>,
  { identity }: { readonly identity: string },
): SecretBytes<'stream confirm key'> {
  return new SecretBytes(
    'stream confirm key',
    expandKey(epochKey, LABELS.streamConfirm, [identity], KEY_BYTES),
  );
}

const EXPORT_LABEL = /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$/;
const EXPORT_BYTES = { min: 16, max: 1024 } as const;

/**
 * A key for an application, from the application's own label and context. Both ends of the stream get the same one.
 *
 * @param lengthBytes - 16 to 1024
 * @throws EkoError `INVALID_ARGUMENT` where label or length do not fit
 */
export function deriveExportedKey(
  epochKey: SecretBytes<'epoch key'>,
  label: string,
  context: Uint8Array,
  lengthBytes: number,
): SecretBytes<'exported key'> {
  if (!EXPORT_LABEL.test(label)) {
    throw new EkoError('INVALID_ARGUMENT', 'The label of an exported key is 1 to 64 plain characters');
  }
  if (!Number.isInteger(lengthBytes) || lengthBytes < EXPORT_BYTES.min || lengthBytes > EXPORT_BYTES.max) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      `An exported key has ${EXPORT_BYTES.min} to ${EXPORT_BYTES.max} bytes`,
    );
  }
  // The length is part of the derivation: a shorter key is no prefix of a longer one.
  const fields = [label, context, uint32Bytes(lengthBytes)];
  return new SecretBytes('exported key', expandKey(epochKey, LABELS.exportedKey, fields, lengthBytes));
}

/**
 * What the dealer publishes so that a rebuilt contribution can be checked: an output of its own of the contribution,
 * which tells nothing of the epoch key. All 32 bytes of it, so that no dealer finds two contributions with one value.
 */
export function deriveCheckValue(
  contribution: SecretBytes<'contribution'>,
  context: DealingContext,
  streamIndex: number,
): Uint8Array {
  const stream = formatStreamId({ bundleId: context.bundleId, index: streamIndex });
  return contribution.use((bytes) =>
    hkdfSha256(bytes, dealingContextHash(context), labelledBytes(LABELS.checkValue, stream), HASH_BYTES),
  );
}

/** HKDF-Expand alone: an epoch key is uniform already. @see RFC 5869 section 3.3 */
function expandKey(
  epochKey: SecretBytes<'epoch key'>,
  label: Label,
  fields: readonly (Uint8Array | string)[],
  lengthBytes: number,
): Uint8Array {
  return epochKey.use((key) => expandSha256(key, labelledBytes(label, ...fields), lengthBytes));
}
