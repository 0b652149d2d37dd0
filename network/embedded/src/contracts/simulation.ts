import { ledger, peer } from '@hyperledger/fabric-protos';
import { HistoryQueryIterator, type QueryResponse, StateQueryIterator } from 'fabric-shim/lib/iterators';
import { newTimestamp } from '../messages/well-known-messages';
import { compareKeys } from '../state/key-order';
import type { KeyRead, KeyWrite, ReadWriteSet } from '../state/read-write-set';
import type { KeyVersion, StateSnapshot } from '../state/versioned-state';
import { RangeCursor } from './range-cursor';
import { isWellFormedText } from '@eko/protocol/encoding';

/** The most records that a peer hands to chaincode in one message. */
const RECORDS_PER_PAGE = 100;

/** One page of encoded query results, in the shape that the shim's iterators read. */
function newQueryResponse(id: string, records: readonly Uint8Array[], hasMore: boolean): QueryResponse {
  return {
    getId: () => id,
    getHasMore: () => hasMore,
    getResultsList: () => records.map((bytes) => ({ getResultbytes: () => bytes })),
  };
}

interface RangeResult {
  readonly iterator: StateQueryIterator;
  readonly metadata?: { readonly bookmark: string; readonly fetchedRecordsCount: number };
}

const notOffered = (what: string): Error => new Error(`${what} is not supported by the embedded ledger`);

/**
 * One run of one transaction on one peer: stands where the shim's connection to its peer does, answers reads from a
 * snapshot of committed state, and records what the run read and wrote.
 *
 * A transaction does not see its own writes. Once closed, every call is refused: chaincode that forgot to await.
 */
export class Simulation {
  readonly #namespace: string;
  readonly #snapshot: StateSnapshot;
  readonly #reads = new Map<string, KeyRead>();
  readonly #writes = new Map<string, KeyWrite>();
  readonly #cursors: RangeCursor[] = [];
  readonly #histories = new Map<string, Uint8Array[]>();
  #pagesByBookmark = false;
  #closed = false;

  constructor(namespace: string, snapshot: StateSnapshot) {
    this.#namespace = namespace;
    this.#snapshot = snapshot;
  }

  /** Ends the run and gives what it read and wrote. */
  close(): ReadWriteSet {
    this.#closed = true;
    return {
      reads: [...this.#reads.values()].sort((a, b) => compareKeys(a.key, b.key)),
      ranges: this.#cursors.map((cursor) => cursor.toRangeRead()),
      writes: [...this.#writes.values()].sort((a, b) => compareKeys(a.key, b.key)),
    };
  }

  async handleGetState(
    collection: string,
    sentKey: string,
    _channelId: string,
    txId: string,
  ): Promise<Buffer> {
    this.#assertPublic(collection);
    const key = keyAtPeer(sentKey, 'GET_STATE', txId);
    const found = this.#snapshot.get(key);
    this.#reads.set(key, { key, version: found?.version ?? null });
    return Buffer.from(found?.value ?? []);
  }

  async handlePutState(
    collection: string,
    key: string,
    value: unknown,
    _channelId: string,
    txId: string,
  ): Promise<Buffer> {
    if (!(value instanceof Uint8Array)) throw new Error('the value of a key must be bytes or a string');
    // An empty value has no form of its own in Fabric's write set: it deletes.
    const written = value.length === 0 ? null : Uint8Array.from(value);
    return this.#write(collection, keyAtPeer(key, 'PUT_STATE', txId), written);
  }

  async handleDeleteState(
    collection: string,
    key: string,
    _channelId: string,
    txId: string,
  ): Promise<Buffer> {
    return this.#write(collection, keyAtPeer(key, 'DEL_STATE', txId), null);
  }

  async handleGetStateByRange(
    collection: string,
    sentStartKey: string,
    sentEndKey: string,
    channelId: string,
    txId: string,
    metadata?: Uint8Array,
  ): Promise<RangeResult> {
    this.#assertPublic(collection);
    const startKey = keyAtPeer(sentStartKey, 'GET_STATE_BY_RANGE', txId);
    const endKey = keyAtPeer(sentEndKey, 'GET_STATE_BY_RANGE', txId);
    const paging = metadata === undefined ? undefined : peer.QueryMetadata.deserializeBinary(metadata);
    const from = paging?.getBookmark() === '' ? startKey : (paging?.getBookmark() ?? startKey);
    if (paging !== undefined) this.#startPaging();
    const cursor = new RangeCursor(from, endKey, this.#snapshot.range(from, endKey));
    const id = String(this.#cursors.push(cursor) - 1);
    if (paging === undefined) {
      return { iterator: new StateQueryIterator(this, channelId, txId, this.#nextPage(id, cursor)) };
    }
    const records = cursor.take(this.#namespace, paging.getPagesize());
    return {
      iterator: new StateQueryIterator(this, channelId, txId, newQueryResponse(id, records, false)),
      metadata: { bookmark: cursor.nextKey ?? '', fetchedRecordsCount: records.length },
    };
  }

  async handleGetHistoryForKey(
    sentKey: string,
    channelId: string,
    txId: string,
  ): Promise<HistoryQueryIterator> {
    this.#assertOpen();
    const key = keyAtPeer(sentKey, 'GET_HISTORY_FOR_KEY', txId);
    const id = `history-${this.#histories.size}`;
    this.#histories.set(id, this.#snapshot.history(key).map(toKeyModification));
    return new HistoryQueryIterator(this, channelId, txId, await this.handleQueryStateNext(id));
  }

  async handleQueryStateNext(id: string): Promise<QueryResponse> {
    this.#assertOpen();
    const history = this.#histories.get(id);
    if (history !== undefined) {
      const page = history.splice(0, RECORDS_PER_PAGE);
      return newQueryResponse(id, page, history.length > 0);
    }
    const cursor = this.#cursors[Number(id)];
    if (cursor === undefined) throw new Error(`no query iterator ${id} is open`);
    return this.#nextPage(id, cursor);
  }

  async handleQueryStateClose(id: string): Promise<QueryResponse> {
    return newQueryResponse(id, [], false);
  }

  async handleGetQueryResult(): Promise<never> {
    throw notOffered('a rich query');
  }

  async handleInvokeChaincode(): Promise<never> {
    throw notOffered('calling another chaincode');
  }

  async handleGetPrivateDataHash(): Promise<never> {
    throw notOffered('private data');
  }

  async handlePurgeState(): Promise<never> {
    throw notOffered('private data');
  }

  async handlePutStateMetadata(): Promise<never> {
    throw notOffered('a key-level endorsement policy');
  }

  async handleGetStateMetadata(): Promise<never> {
    throw notOffered('a key-level endorsement policy');
  }

  #nextPage(id: string, cursor: RangeCursor): QueryResponse {
    const records = cursor.take(this.#namespace, RECORDS_PER_PAGE);
    return newQueryResponse(id, records, cursor.nextKey !== undefined);
  }

  #write(collection: string, key: string, value: Uint8Array | null): Buffer {
    this.#assertPublic(collection);
    if (this.#pagesByBookmark) throw new Error('a transaction that queries page by page cannot write');
    this.#writes.set(key, { key, value });
    return Buffer.alloc(0);
  }

  #startPaging(): void {
    if (this.#writes.size > 0) throw new Error('a transaction that writes cannot query page by page');
    this.#pagesByBookmark = true;
  }

  #assertPublic(collection: string): void {
    this.#assertOpen();
    if (collection !== '') throw notOffered('private data');
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('the transaction has already ended');
  }
}

function toKeyModification(entry: KeyVersion): Uint8Array {
  const message = new ledger.queryresult.KeyModification();
  message.setTxId(entry.txId);
  message.setValue(entry.value ?? new Uint8Array());
  message.setIsDelete(entry.value === null);
  message.setTimestamp(newTimestamp(entry.timestamp));
  return message.serializeBinary();
}

/** What a key is sent to a peer in. */
type Request = 'GET_STATE' | 'PUT_STATE' | 'DEL_STATE' | 'GET_STATE_BY_RANGE' | 'GET_HISTORY_FOR_KEY';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A key as it arrives at a peer. Chaincode sends keys as protobuf strings, and the shim's encoder makes of half a
 * surrogate pair either bytes that are no UTF-8, which a peer refuses, or nothing at all.
 *
 * @throws Error in the peer's words
 */
function keyAtPeer(key: string, request: Request, txId: string): string {
  if (isWellFormedText(key)) return key;
  const message = new peer.DelState();
  message.setKey(key);
  try {
    return UTF8.decode(fieldContent(message.serializeBinary()));
  } catch {
    // The decoder's own text is not the peer's.
    throw new Error(
      `${request} failed: transaction ID: ${txId}: unmarshal failed: string field contains invalid UTF-8`,
    );
  }
}

/** What follows the tag and the length of a message's only field. */
function fieldContent(message: Uint8Array): Uint8Array {
  const lastOfLength = message.findIndex((byte, place) => place > 0 && byte < 0x80);
  return message.subarray(lastOfLength + 1);
}
