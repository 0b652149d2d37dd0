import { formatStreamId } from '@eko/protocol';
import { encodeProblem } from '@eko/protocol/rest';
import type { Transfer } from './transfer';
import type { TransferDocument } from '../api-schemas';

/** A transfer as the REST API shows it. */
export function transferDocument(transfer: Transfer): TransferDocument {
  const { transferId, stream, direction, state, bytes, sha256, failure } = transfer;
  return {
    transferId,
    streamId: formatStreamId(stream),
    direction,
    state,
    bytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(failure === undefined ? {} : { failure: encodeProblem(failure) }),
  };
}
