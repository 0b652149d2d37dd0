import { ledger } from '@hyperledger/fabric-protos';
import type { Version } from './version';

/** A key that a simulation read, with the version it saw; `null` when there was no such key. */
export interface KeyRead {
  readonly key: string;
  readonly version: Version | null;
}

/** A key range `[startKey, endKey)` that a simulation walked. Not exhausted: it stopped after the last of `reads`. */
export interface RangeRead {
  readonly startKey: string;
  readonly endKey: string;
  readonly exhausted: boolean;
  readonly reads: readonly KeyRead[];
}

/** A key that a simulation wrote; `null` deletes it. */
export interface KeyWrite {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What one simulation read and wrote, each list in key order. */
export interface ReadWriteSet {
  readonly reads: readonly KeyRead[];
  readonly ranges: readonly RangeRead[];
  readonly writes: readonly KeyWrite[];
}

const { kvrwset } = ledger.rwset;

/** Encodes a read/write set of one chaincode as Fabric's `TxReadWriteSet`. */
export function encodeReadWriteSet(namespace: string, set: ReadWriteSet): Uint8Array {
  const kv = new kvrwset.KVRWSet();
  kv.setReadsList(set.reads.map(toRead));
  kv.setRangeQueriesInfoList(set.ranges.map(toRange));
  kv.setWritesList(set.writes.map(toWrite));
  const ns = new ledger.rwset.NsReadWriteSet();
  ns.setNamespace(namespace);
  ns.setRwset(kv.serializeBinary());
  const tx = new ledger.rwset.TxReadWriteSet();
  tx.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV);
  tx.setNsRwsetList([ns]);
  return tx.serializeBinary();
}

/**
 * Decodes a `TxReadWriteSet` that holds the given chaincode and nothing else.
 *
 * @throws RangeError if another namespace is in it
 */
export function decodeReadWriteSet(namespace: string, bytes: Uint8Array): ReadWriteSet {
  const [ns, ...others] = ledger.rwset.TxReadWriteSet.deserializeBinary(bytes).getNsRwsetList();
  if (ns === undefined || others.length > 0 || ns.getNamespace() !== namespace) {
    throw new RangeError(`expected a read/write set of ${namespace} alone`);
  }
  const kv = kvrwset.KVRWSet.deserializeBinary(ns.getRwset_asU8());
  return {
    reads: kv.getReadsList().map(fromRead),
    ranges: kv.getRangeQueriesInfoList().map((info) => ({
      startKey: info.getStartKey(),
      endKey: info.getEndKey(),
      exhausted: info.getItrExhausted(),
      reads: (info.getRawReads()?.getKvReadsList() ?? []).map(fromRead),
    })),
    writes: kv.getWritesList().map((write) => ({
      key: write.getKey(),
      value: write.getIsDelete() ? null : Uint8Array.from(write.getValue_asU8()),
    })),
  };
}

function toRead(read: KeyRead): ledger.rwset.kvrwset.KVRead {
  const message = new kvrwset.KVRead();
  message.setKey(read.key);
  if (read.version !== null) {
    const version = new kvrwset.Version();
    version.setBlockNum(read.version.blockNumber);
    version.setTxNum(read.version.txNumber);
    message.setVersion(version);
  }
  return message;
}

function fromRead(message: ledger.rwset.kvrwset.KVRead): KeyRead {
  const version = message.getVersion();
  return {
    key: message.getKey(),
    version:
      version === undefined ? null : { blockNumber: version.getBlockNum(), txNumber: version.getTxNum() },
  };
}

function toRange(range: RangeRead): ledger.rwset.kvrwset.RangeQueryInfo {
  const reads = new kvrwset.QueryReads();
  reads.setKvReadsList(range.reads.map(toRead));
  const message = new kvrwset.RangeQueryInfo();
  message.setStartKey(range.startKey);
  message.setEndKey(range.endKey);
  message.setItrExhausted(range.exhausted);
  message.setRawReads(reads);
  return message;
}

function toWrite(write: KeyWrite): ledger.rwset.kvrwset.KVWrite {
  const message = new kvrwset.KVWrite();
  message.setKey(write.key);
  if (write.value === null) message.setIsDelete(true);
  else message.setValue(write.value);
  return message;
}
