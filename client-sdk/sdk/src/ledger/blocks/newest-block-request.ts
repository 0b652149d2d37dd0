import { protobufField } from '../protobuf-field';
import { ProtobufMessage } from '../protobuf-message';

const NOTHING = new Uint8Array();

/**
 * Turns a serialized request for block events into one for the newest block alone, and drops its signature. The gateway
 * client builds requests that start at a given block only; without this, nobody knows where a channel ends at present.
 *
 * @returns the request, and the bytes of it that are signed
 * @see common.proto: `Envelope {payload = 1, signature = 2}`, `Payload {header = 1, data = 2}`; orderer/ab.proto:
 *   `SeekInfo {start = 1, stop = 2}`, `SeekPosition {newest = 1}`
 */
export function newestBlockRequest(request: Uint8Array): {
  readonly bytes: Uint8Array;
  readonly signed: Uint8Array;
} {
  const header = new ProtobufMessage(request).messageIn(1).bytes(1);
  const newest = protobufField(1, NOTHING);
  const seek = Buffer.concat([protobufField(1, newest), protobufField(2, newest)]);
  const signed = Buffer.concat([protobufField(1, header), protobufField(2, seek)]);
  return { bytes: protobufField(1, signed), signed };
}
