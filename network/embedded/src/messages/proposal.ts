import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import type { TxTimestamp } from '../state/versioned-state';
import { fromTimestamp } from './well-known-messages';

/** A transaction proposal, taken apart. Nothing in it is believed yet except that its parts fit each other. */
export interface Proposal {
  readonly txId: string;
  readonly channelId: string;
  readonly chaincodeName: string;
  readonly timestamp: TxTimestamp;
  /** The submitter's serialised identity. */
  readonly creator: Uint8Array;
  /** The function name, then its arguments. */
  readonly args: readonly Uint8Array[];
  /** The header as its parts were sent; the transaction carries it unchanged. */
  readonly header: common.Header;
  /** The chaincode invocation without the transient map, which must not reach a block. */
  readonly publicPayload: Uint8Array;
  /** What the endorsements bind: the header and the public payload. */
  readonly hash: Uint8Array;
  readonly signed: peer.SignedProposal;
}

/** A proposal or transaction that does not say what it must; the text is for the caller. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/**
 * Takes a signed proposal apart and checks that it is consistent with itself.
 *
 * @throws MalformedMessage if a part is missing, or the transaction ID is not the hash of nonce and creator
 */
export function parseProposal(signed: peer.SignedProposal): Proposal {
  const proposal = decode('proposal', () => peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8()));
  const header = decode('header', () => common.Header.deserializeBinary(proposal.getHeader_asU8()));
  const { channel, creator } = parseHeader(header, common.HeaderType.ENDORSER_TRANSACTION);
  const payload = decode('payload', () =>
    peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8()),
  );
  const spec = decode('invocation', () =>
    peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8()),
  ).getChaincodeSpec();
  const chaincodeName = spec?.getChaincodeId()?.getName() ?? '';
  if (chaincodeName === '') throw new MalformedMessage('no chaincode name is provided');

  const publicPayload = new peer.ChaincodeProposalPayload();
  publicPayload.setInput(payload.getInput_asU8());
  const publicPayloadBytes = publicPayload.serializeBinary();
  return {
    txId: channel.getTxId(),
    channelId: channel.getChannelId(),
    chaincodeName,
    timestamp: fromTimestamp(channel),
    creator,
    args: spec?.getInput()?.getArgsList_asU8() ?? [],
    header,
    publicPayload: publicPayloadBytes,
    hash: hashProposal(header, publicPayloadBytes),
    signed,
  };
}

/** What endorsements bind a result to: the header's parts and the invocation without its transient map. */
export function hashProposal(header: common.Header, publicPayload: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(header.getChannelHeader_asU8())
    .update(header.getSignatureHeader_asU8())
    .update(publicPayload)
    .digest();
}

/**
 * Decodes a message header of the given type and checks that its transaction ID is the hash of nonce and creator.
 *
 * @throws MalformedMessage
 */
export function parseHeader(
  header: common.Header,
  type: common.HeaderTypeMap[keyof common.HeaderTypeMap],
): { readonly channel: common.ChannelHeader; readonly creator: Uint8Array } {
  const channel = decode('channel header', () =>
    common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
  );
  const signature = decode('signature header', () =>
    common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
  );
  if (channel.getType() !== type) throw new MalformedMessage(`invalid header type ${channel.getType()}`);
  if (channel.getChannelId() === '') throw new MalformedMessage('no channel id provided');
  if (channel.getEpoch() !== 0) throw new MalformedMessage('epoch is non-zero');
  const creator = signature.getCreator_asU8();
  const nonce = signature.getNonce_asU8();
  if (creator.length === 0 || nonce.length === 0) throw new MalformedMessage('no creator or nonce provided');
  if (channel.getTxId() !== computeTxId(nonce, creator)) {
    throw new MalformedMessage('incorrectly computed txid: it must be the SHA-256 of nonce and creator');
  }
  return { channel, creator };
}

/** The ID of the transaction that this creator makes with this nonce, in hex. */
export function computeTxId(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}

/**
 * Runs a protobuf decoder on outside bytes.
 *
 * @throws MalformedMessage naming the part that did not decode
 */
export function decode<Message>(part: string, parse: () => Message): Message {
  try {
    return parse();
  } catch (cause) {
    throw new MalformedMessage(`cannot decode the ${part}`, { cause });
  }
}
