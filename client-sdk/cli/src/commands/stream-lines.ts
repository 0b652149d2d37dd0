import type { StreamFacts } from '@eko/sdk/rest';
import { textTable } from '@eko/command';

/** Streams as a table for people. */
export function streamTable(streams: readonly StreamFacts[]): readonly string[] {
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
export function streamLines(stream: StreamFacts): readonly string[] {
  const { request, end, activeTxId, witnesses } = stream;
  return [
    `stream      ${stream.streamId}`,
    `state       ${stateOf(stream)}`,
    `parties     ${stream.initiator} (initiator), ${stream.provider} (provider)`,
    `data        ${request.dataType}; may ${request.permissions.join(', ')}`,
    `requested   transaction ${stream.requestTxId}`,
    ...(activeTxId === undefined ? [] : [`active      transaction ${activeTxId}`]),
    ...(witnesses === undefined ? [] : [`witnesses   ${witnesses.join(', ')}`]),
    ...(end === undefined ? [] : [`ended       ${end.reason} by ${end.by}, transaction ${end.txId}`]),
    `not after   ${stream.notAfter}`,
  ];
}

const stateOf = ({ state, end }: StreamFacts): string =>
  end === undefined ? state : `${state}: ${end.reason}`;
