import type { StreamDocument } from '@eko/sdk/rest';
import { textTable } from '@eko/command';

/** Streams as a table for people. */
export function streamTable(streams: readonly StreamDocument[]): readonly string[] {
  return textTable([
    ['stream', 'state', 'initiator', 'provider', 'data', 'not after'],
    ...streams.map((each) => [
      each.streamId,
      stateOf(each),
      each.initiator,
      each.provider,
      each.request.dataType,
      each.notAfter,
    ]),
  ]);
}

/** One stream with everything that is known of it. */
export function streamLines(stream: StreamDocument): readonly string[] {
  const { request, end, activeTxId, witnesses } = stream;
  return [
    `stream      ${stream.streamId}`,
    `state       ${stateOf(stream)}`,
    `parties     ${stream.initiator} (initiator), ${stream.provider} (provider)`,
    `data        ${request.dataType}; may ${request.permissions.join(', ')}`,
    `requested   transaction ${stream.requestTxId}`,
    ...(activeTxId === undefined ? [] : [`active      transaction ${activeTxId}`]),
    ...(witnesses === undefined ? [] : [`witnesses   ${witnesses.join(', ')}`]),
    ...(end === undefined ? [] : [`ended       ${end.reason} ${authorOf(end)}`]),
    `not after   ${stream.notAfter}`,
  ];
}

/** A stream that nobody consented to or dealt in time ends without a transaction. */
const authorOf = ({ by, txId }: NonNullable<StreamDocument['end']>): string =>
  by === undefined || txId === undefined ? 'by itself' : `by ${by}, transaction ${txId}`;

const stateOf = ({ state, end }: StreamDocument): string =>
  end === undefined ? state : `${state}: ${end.reason}`;
