import { JSON_OPERATIONS, RAW_OPERATIONS } from '@eko/protocol/rest';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile } from './network-file';
import { DEV_INITIATOR, DEV_OFFER, DEV_PROVIDER } from './network-plan';

/** A request that the provider's standing offer covers. */
const REQUEST = {
  policy: {
    provider: DEV_PROVIDER,
    durationSeconds: 3_600,
    dealers: 2,
    witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
    onLedgerLoss: 'close',
  },
  requests: [{ dataType: DEV_OFFER.dataTypes[0], permissions: DEV_OFFER.permissions }],
};

/**
 * Command lines to paste, which speak to the initiator's REST API. Its token is in the file that curl reads, so that it
 * stands in no list of processes.
 */
export function curlLines(layout: DevLayout, { nodes }: DevNetworkFile): readonly string[] {
  const port = nodes.find(({ nodeId }) => nodeId === DEV_INITIATOR)?.port ?? 0;
  const curl = `curl -sS -K ${quoted(layout.node(DEV_INITIATOR).curl)}`;
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
  return [
    `${curl} ${url(JSON_OPERATIONS.listNodes.path)}`,
    `${curl} -H 'content-type: application/json' -d ${quoted(JSON.stringify(REQUEST))} ${url(JSON_OPERATIONS.requestStreams.path)}`,
    `${curl} ${url(JSON_OPERATIONS.listStreams.path)}`,
    `${curl} -N ${url(RAW_OPERATIONS.followEvents.path)}`,
  ];
}

/** As one word of a POSIX shell. */
const quoted = (text: string): string =>
  /^[A-Za-z0-9_./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
