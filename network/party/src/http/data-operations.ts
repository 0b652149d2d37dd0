import { LIMITS } from '@eko/protocol';
import { STREAM_UPGRADE, TRANSFER_HEADERS } from '@eko/protocol/rest';
import { Type } from '@eko/protocol/encoding';
import { BundleId, strictObject } from '@eko/protocol/ledger';
import { SentDocument, StreamPath } from './api-schemas';
import { PROBLEM, parametersOf } from './openapi-parts';

const BYTES = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
const REFUSED = { description: 'Refused or failed; `code` says why', content: PROBLEM };

const DataQuery = strictObject({
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: LIMITS.transferWaitSeconds,
      description: 'Seconds to wait for the other side of the stream; 120 if it is not said',
    }),
  ),
});

const DataHeaders = strictObject({ [TRANSFER_HEADERS.id]: Type.Optional(BundleId) });

/** What the OpenAPI document says of the bytes of a stream: both directions as bodies, and the upgrade. */
export function dataOperations(): Readonly<Record<string, unknown>> {
  const parameters = [
    ...parametersOf(StreamPath, 'path'),
    ...parametersOf(DataQuery, 'query'),
    ...parametersOf(DataHeaders, 'header'),
  ];
  return {
    get: {
      operationId: 'receiveData',
      summary: 'Receive everything that the other side sends',
      description:
        `The body is chunked, and only its last chunk says that it is whole; its trailers are ${TRANSFER_HEADERS.bytes} ` +
        `and ${TRANSFER_HEADERS.sha256}. A client that names its transfer in the header ${TRANSFER_HEADERS.id} confirms ` +
        'what it has kept by confirmTransfer, while this connection stays open, and only then the other side is told; ' +
        'without a name the other side is told when the last chunk has left this party, which says less. With ' +
        `\`connection: Upgrade\` and \`upgrade: ${STREAM_UPGRADE}\` the connection carries both directions instead.`,
      parameters,
      responses: {
        101: { description: 'Both directions, as frames' },
        200: { description: 'The bytes', content: BYTES },
        default: REFUSED,
      },
    },
    put: {
      operationId: 'sendData',
      summary: 'Send everything that the other side is to receive',
      description:
        'Answers when the other side has confirmed that it has all of it. A body that breaks off is a cut there too. ' +
        'With `expect: 100-continue` the body is asked for as soon as the other side is there.',
      parameters,
      requestBody: { content: BYTES },
      responses: {
        200: { description: 'All has arrived', content: { 'application/json': { schema: SentDocument } } },
        default: REFUSED,
      },
    },
  };
}
