import { ProtobufMessage } from '@eko/sdk/node';
import { sha256 } from './block-parts';

/** `HeaderType`: what an envelope carries. */
export const ENVELOPE_TYPES = { config: 1, transaction: 3 } as const;

/** What an envelope of a block says of itself, and the bytes that its creator signed. */
export interface EnvelopeParts {
  readonly type: number;
  readonly channel: string;
  readonly txId: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  /** What the creator signed. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** A transaction, or a configuration. */
  readonly data: Uint8Array;
  readonly header: { readonly channel: Uint8Array; readonly signature: Uint8Array };
}

/** What the peers endorsed. */
export interface EndorsedParts {
  /** Whether the result is that of the very proposal which the transaction carries. */
  readonly isOfItsProposal: boolean;
  /** The result as it was signed. */
  readonly response: Uint8Array;
  readonly endorsements: readonly { readonly endorser: Uint8Array; readonly signature: Uint8Array }[];
  readonly chaincode: string;
  /** The chaincode that its event says to be of; empty where it has no event. */
  readonly eventChaincode: string;
  /** What it read and writes, by namespace. */
  readonly accesses: readonly NamespaceAccess[];
}

/** Where a value was written: the version that whoever reads it gives back. */
export interface Version {
  readonly blockNumber: bigint;
  readonly index: bigint;
}

/** What a transaction read and writes in one namespace; private data has no keys here. */
export interface NamespaceAccess {
  readonly namespace: string;
  /** A key that was not there has no version. Keys that were found in a range are not among them. */
  readonly reads: readonly { readonly key: string; readonly version: Version | undefined }[];
  readonly writes: readonly {
    readonly key: string;
    readonly isDelete: boolean;
    readonly value: Uint8Array;
  }[];
  /** Keys whose metadata alone are written. */
  readonly metadataWrites: readonly string[];
}

/**
 * Takes a serialized `common.Envelope` apart.
 *
 * @throws EkoError `CORRUPT_RECORD`
 * @see common.proto: `Envelope`, `Payload`, `Header`, `ChannelHeader`, `SignatureHeader`
 */
export function parseEnvelopeParts(bytes: Uint8Array): EnvelopeParts {
  const envelope = new ProtobufMessage(bytes);
  const payload = envelope.messageIn(1);
  const header = payload.message(1);
  const channel = header.messageIn(1);
  const signer = header.messageIn(2);
  return {
    type: channel.int32(1),
    channel: channel.text(4),
    txId: channel.text(5),
    creator: signer.bytes(1),
    nonce: signer.bytes(2),
    payload: envelope.bytes(1),
    signature: envelope.bytes(2),
    data: payload.bytes(2),
    header: { channel: header.bytes(1), signature: header.bytes(2) },
  };
}

/**
 * Takes the only action of a transaction apart.
 *
 * @returns nothing where it has none, or several: no valid transaction of Fabric has
 * @throws EkoError `CORRUPT_RECORD`
 * @see peer/transaction.proto, peer/proposal.proto, peer/proposal_response.proto, ledger/rwset
 */
export function parseEndorsedParts({ data, header }: EnvelopeParts): EndorsedParts | undefined {
  const [only, ...others] = new ProtobufMessage(data).repeated(1);
  if (only === undefined || others.length > 0) return undefined;
  const payload = new ProtobufMessage(only).messageIn(2);
  const endorsed = payload.message(2);
  const response = new ProtobufMessage(endorsed.bytes(1));
  const proposalHash = sha256(header.channel, header.signature, payload.bytes(1));
  const action = response.messageIn(2);
  return {
    isOfItsProposal: proposalHash.equals(response.bytes(1)),
    response: endorsed.bytes(1),
    endorsements: endorsed.repeated(2).map((each) => {
      const endorsement = new ProtobufMessage(each);
      return { endorser: endorsement.bytes(1), signature: endorsement.bytes(2) };
    }),
    chaincode: action.message(4).text(2),
    eventChaincode: action.messageIn(2).text(1),
    accesses: action.messageIn(1).repeated(2).map(parseAccess),
  };
}

/** `NsReadWriteSet {namespace = 1, rwset = 2}`, `KVRWSet {reads = 1, writes = 3, metadata_writes = 4}` */
function parseAccess(bytes: Uint8Array): NamespaceAccess {
  const namespace = new ProtobufMessage(bytes);
  const set = namespace.messageIn(2);
  const each = (field: number): readonly ProtobufMessage[] =>
    set.repeated(field).map((message) => new ProtobufMessage(message));
  return {
    namespace: namespace.text(1),
    reads: each(1).map((read) => ({
      key: read.text(1),
      version: read.repeated(2).length === 0 ? undefined : parseVersion(read.message(2)),
    })),
    writes: each(3).map((write) => ({
      key: write.text(1),
      isDelete: write.number(2) !== 0n,
      value: write.bytes(3),
    })),
    metadataWrites: each(4).map((write) => write.text(1)),
  };
}

function parseVersion(version: ProtobufMessage): Version {
  return { blockNumber: version.number(1), index: version.number(2) };
}
