import { EkoError } from '@eko/protocol';
import {
  parseEndpoint,
  parseStreamAddress,
  type NodeRecord,
  type NodeRole,
  type RegisterNode,
  type SelectionFacts,
} from '@eko/protocol/ledger';
import { refuseSecretHost, refuseSecrets, refuseSecretsCutOver, textOf, textsOf } from './public-text';

/** Where a node is reached. */
export type Addresses = Pick<RegisterNode, 'endpoint' | 'streamAddress'>;

/**
 * Checks what a node says of itself beside its keys.
 * @throws EkoError `SECRET_IN_METADATA`, `INVALID_ENDPOINT`
 */
export function checkAttributes(
  { nodeId, endpoint, streamAddress, zone, tags }: Pick<RegisterNode, 'nodeId'> & Addresses & SelectionFacts,
  role: NodeRole,
): void {
  refuseSecrets([...textOf('nodeId', nodeId), ...textOf('zone', zone), ...textsOf('tags', tags)]);
  refuseSecretsCutOver('tags', tags ?? []);
  if (endpoint !== undefined) refuseSecretHost('endpoint', endpoint.replace(/^https:\/\//, ''));
  if (streamAddress !== undefined) refuseSecretHost('streamAddress', streamAddress);
  if (streamAddress !== undefined) parseStreamAddress(streamAddress);
  if (endpoint !== undefined) parseEndpoint(endpoint);
  else if (role !== 'party')
    throw new EkoError(
      'INVALID_ENDPOINT',
      `A node in the role of ${role} needs an endpoint, where others reach it`,
      {
        details: { role },
      },
    );
}

/** The addresses alone. */
export function addressesOf({ endpoint, streamAddress }: Addresses): Addresses {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(streamAddress === undefined ? {} : { streamAddress }),
  };
}

/** Zone and tags alone. */
export function selectionFactsOf({ zone, tags }: SelectionFacts): SelectionFacts {
  return { ...(zone === undefined ? {} : { zone }), ...(tags === undefined ? {} : { tags }) };
}

/** A record of which nothing waits any more. */
export function withoutProposal({ proposed: _proposed, ...node }: NodeRecord): NodeRecord {
  return node;
}

/** A record whose zone and tags are others from now on. */
export function withFacts(
  { zone: _zone, tags: _tags, ...node }: NodeRecord,
  facts: SelectionFacts,
): NodeRecord {
  return { ...node, ...facts };
}
