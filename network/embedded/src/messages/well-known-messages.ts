import { common, google } from '@hyperledger/fabric-protos';
import type { TxTimestamp } from '../state/versioned-state';

/** The generated code takes Google's own messages without exporting their classes; a parsed empty field yields one. */
const EMPTY_FIELD_3 = Uint8Array.of(0x1a, 0x00);

/** `google.protobuf.Timestamp`, as far as it is used here. */
interface TimestampMessage {
  getSeconds(): number;
  getNanos(): number;
  setSeconds(seconds: number): void;
  setNanos(nanos: number): void;
}

/** `google.protobuf.Any`, as far as it is used here. */
interface AnyMessage {
  setTypeUrl(url: string): void;
  setValue(value: Uint8Array): void;
}

/** Makes a `google.protobuf.Timestamp`. */
export function newTimestamp({ seconds, nanos }: TxTimestamp): TimestampMessage {
  const message = common.ChannelHeader.deserializeBinary(EMPTY_FIELD_3).getTimestamp() as TimestampMessage;
  message.setSeconds(seconds);
  message.setNanos(nanos);
  return message;
}

/** Reads a `google.protobuf.Timestamp`; a missing one is the epoch. */
export function fromTimestamp(header: common.ChannelHeader): TxTimestamp {
  const message = header.getTimestamp() as TimestampMessage | undefined;
  return { seconds: message?.getSeconds() ?? 0, nanos: message?.getNanos() ?? 0 };
}

/** Makes a `google.protobuf.Any` that holds one encoded message of the given type. */
export function newAny(typeName: string, value: Uint8Array): AnyMessage {
  const [message] = google.rpc.Status.deserializeBinary(EMPTY_FIELD_3).getDetailsList() as AnyMessage[];
  if (message === undefined) throw new Error('google.rpc.Status has no details field 3');
  message.setTypeUrl(`type.googleapis.com/${typeName}`);
  message.setValue(value);
  return message;
}
