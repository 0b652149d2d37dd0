import { encodeBase64Url } from '../encoding/base64url';
import { LABELS } from './key-labels';
import { labelledHash } from './labelled-hash';

/** Which way the bytes of a connection were asked for: the initiator is the client, the provider the server. */
export type StreamDirection = 'i2p' | 'p2i';

/** Bytes of the identity's hash: 22 characters of base64url. */
const TAG_BYTES = 16;
const FORM = /^ek1\.[A-Za-z0-9_-]{22}\.[1-9][0-9]{0,6}\.(?:i2p|p2i)$/;

/**
 * The PSK identity of a stream, epoch and direction: `ek1.<tag>.<epoch>.<direction>`, ASCII, opaque to who does not know
 * channel and stream.
 * @see docs/protocol.md, "5. The key and the stream"
 */
export function pskIdentity(input: {
  readonly channel: string;
  readonly streamId: string;
  readonly epoch: number;
  readonly direction: StreamDirection;
}): string {
  const tag = labelledHash(LABELS.pskIdentityTag, input.channel, input.streamId).subarray(0, TAG_BYTES);
  return `ek1.${encodeBase64Url(tag)}.${input.epoch}.${input.direction}`;
}

/** Tells whether a text has the form of a PSK identity. Which stream it is for, its tag tells only who knows the stream. */
export function isPskIdentity(text: string): boolean {
  return FORM.test(text);
}
