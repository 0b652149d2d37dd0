import type { QueryResponse } from 'fabric-shim/lib/iterators';

/** The most records that a peer hands to chaincode in one message. */
export const RECORDS_PER_PAGE = 100;

/** One page of encoded query results, in the shape that the shim's iterators read. */
export function newQueryResponse(
  id: string,
  records: readonly Uint8Array[],
  hasMore: boolean,
): QueryResponse {
  return {
    getId: () => id,
    getHasMore: () => hasMore,
    getResultsList: () => records.map((bytes) => ({ getResultbytes: () => bytes })),
  };
}
