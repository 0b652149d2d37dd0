import { protobufField as field } from './protobuf-message';

/**
 * The unsigned request for the commit status of any transaction, for `Gateway.newCommit`. The gateway client gives one
 * out only after a submit that succeeded; after one whose answer was lost it is what tells whether the transaction
 * committed. @see gateway.proto: `SignedCommitStatusRequest {request = 1 {transaction_id = 1, channel_id = 2,
 * identity = 3 {mspid = 1, id_bytes = 2}}}`
 */
export function encodeCommitStatusRequest(request: {
  readonly txId: string;
  readonly channel: string;
  readonly mspId: string;
  readonly credentials: Uint8Array;
}): Uint8Array {
  const identity = Buffer.concat([field(1, Buffer.from(request.mspId)), field(2, request.credentials)]);
  return field(
    1,
    Buffer.concat([
      field(1, Buffer.from(request.txId)),
      field(2, Buffer.from(request.channel)),
      field(3, identity),
    ]),
  );
}
