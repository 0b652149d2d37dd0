import { EkoError, type NodeRecord } from '@eko/protocol';

/**
 * Where a provider listens for secure streams.
 *
 * @throws EkoError `INVALID_ENDPOINT` where its node record names no address
 */
export function streamAddressOf(provider: NodeRecord): { readonly host: string; readonly port: number } {
  const { streamAddress, nodeId } = provider;
  if (streamAddress === undefined)
    throw new EkoError('INVALID_ENDPOINT', `Provider ${nodeId} has registered no address for streams`, {
      details: { nodeId },
    });
  const colon = streamAddress.lastIndexOf(':');
  return { host: streamAddress.slice(0, colon), port: Number(streamAddress.slice(colon + 1)) };
}
