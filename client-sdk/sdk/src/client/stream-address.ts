import { EkoError } from '@eko/protocol';
import { parseStreamAddress, type NodeRecord, type ParsedEndpoint } from '@eko/protocol/ledger';

/**
 * Where a provider says that it listens for secure streams; whoever connects has it checked by an `EndpointPolicy`.
 *
 * @throws EkoError `INVALID_ENDPOINT` where its node record names no address, or none that can be one
 */
export function streamAddressOf(provider: NodeRecord): ParsedEndpoint {
  const { streamAddress, nodeId } = provider;
  if (streamAddress === undefined)
    throw new EkoError('INVALID_ENDPOINT', `Provider ${nodeId} has registered no address for streams`, {
      details: { nodeId },
    });
  return parseStreamAddress(streamAddress);
}
