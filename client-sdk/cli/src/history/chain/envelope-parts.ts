import { ProtobufMessage } from '@eko/sdk';
import { sha256 } from './block-parts';

/** `HeaderType`: what an envelope carries. */
export const ENVELOPE_TYPES = { config: 1n, transaction: 3n } as const;

/** What an envelope of a block says of itself, and the bytes that its creator signed. */
export interface EnvelopeParts {
  readonly type: bigint;
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
  /** What it writes, by namespace. */
  readonly writes: readonly NamespaceWrites[];
}

/** What a transaction writes in one namespace; private data has no keys here. */
export interface NamespaceWrites {
  readonly namespace: string;
  readonly writes: readonly { readonly key: string; readonly value: Uint8Array }[];
}

/**
 * Takes a serialized `common.Envelope` apart.
 *
 * @throws EkoError `CORRUPT_RECORD`
 * @see common.proto: `Envelope`, `Payload`, `Header`, `ChannelHeader`, `SignatureHeader`
 */
export function parseEnvelopeParts(bytes: Uint8Array): EnvelopeParts {
  const envelope = new ProtobufMessage(bytes);
  const payload = envelope.message(1);
  const header = payload.message(1);
  const channel = header.message(1);
  const signer = header.message(2);
  return {
    type: channel.number(1),
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
  const payload = new ProtobufMessage(only).message(2);
  const endorsed = payload.message(2);
  const response = new ProtobufMessage(endorsed.bytes(1));
  const proposalHash = sha256(header.channel, header.signature, payload.bytes(1));
  const action = response.message(2);
  return {
    isOfItsProposal: proposalHash.equals(response.bytes(1)),
    response: endorsed.bytes(1),
    endorsements: endorsed.repeated(2).map((each) => {
      const endorsement = new ProtobufMessage(each);
      return { endorser: endorsement.bytes(1), signature: endorsement.bytes(2) };
    }),
    chaincode: action.message(4).text(2),
    writes: action.message(1).repeated(2).map(namespaceWrites),
  };
}

function namespaceWrites(bytes: Uint8Array): NamespaceWrites {
  const namespace = new ProtobufMessage(bytes);
  const writes = namespace.message(2).repeated(3);
  return {
    namespace: namespace.text(1),
    writes: writes.map((each) => {
      const write = new ProtobufMessage(each);
      return { key: write.text(1), value: write.bytes(3) };
    }),
  };
}
