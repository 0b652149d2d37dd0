import { common, peer } from '@hyperledger/fabric-protos';
import { decodeReadWriteSet, type ReadWriteSet } from '../state/read-write-set';
import type { TxTimestamp } from '../state/versioned-state';
import { decode, hashProposal, MalformedMessage, parseHeader, type Proposal } from './proposal';
import { fromTimestamp } from './well-known-messages';

/** One organisation's signature over what its peer found. */
export interface Endorsement {
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}

/** An endorsed transaction, taken apart. */
export interface Transaction {
  readonly txId: string;
  readonly channelId: string;
  readonly chaincodeName: string;
  readonly timestamp: TxTimestamp;
  readonly creator: Uint8Array;
  /** The signed bytes of the envelope and the creator's signature over them. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** What the endorsers signed. */
  readonly responsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  /** Whether the endorsed result is that of the very proposal which the transaction carries. */
  readonly isOfItsProposal: boolean;
  readonly readWriteSet: ReadWriteSet;
  /** The encoded chaincode event, if the transaction has one. */
  readonly event: Uint8Array | undefined;
  /** The envelope as it goes into a block. */
  readonly envelope: Uint8Array;
}

/** Puts a proposal and its endorsements together, for the client to sign. */
export function assembleTransaction(
  proposal: Proposal,
  responsePayload: Uint8Array,
  endorsements: readonly Endorsement[],
): common.Envelope {
  const action = new peer.ChaincodeEndorsedAction();
  action.setProposalResponsePayload(responsePayload);
  action.setEndorsementsList(
    endorsements.map(({ endorser, signature }) => {
      const message = new peer.Endorsement();
      message.setEndorser(endorser);
      message.setSignature(signature);
      return message;
    }),
  );
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposal.publicPayload);
  actionPayload.setAction(action);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setHeader(proposal.header.getSignatureHeader_asU8());
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([transactionAction]);
  const payload = new common.Payload();
  payload.setHeader(proposal.header);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

/**
 * Takes an endorsed transaction apart.
 *
 * @throws MalformedMessage if a part is missing or does not fit the others
 */
export function parseTransaction(envelope: common.Envelope): Transaction {
  const payload = decode('payload', () => common.Payload.deserializeBinary(envelope.getPayload_asU8()));
  const header = payload.getHeader();
  if (header === undefined) throw new MalformedMessage('no header is provided');
  const { channel, creator } = parseHeader(header, common.HeaderType.ENDORSER_TRANSACTION);
  const transaction = decode('transaction', () => peer.Transaction.deserializeBinary(payload.getData_asU8()));
  const [only, ...others] = transaction.getActionsList();
  if (only === undefined || others.length > 0)
    throw new MalformedMessage('only one action per transaction is allowed');
  const { action, endorsed, isOfItsProposal } = decode('endorsed action', () => {
    const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(only.getPayload_asU8());
    const endorsedAction = actionPayload.getAction();
    const proposalHash = hashProposal(header, actionPayload.getChaincodeProposalPayload_asU8());
    const responsePayload = peer.ProposalResponsePayload.deserializeBinary(
      endorsedAction?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    return {
      endorsed: endorsedAction,
      isOfItsProposal: Buffer.compare(responsePayload.getProposalHash_asU8(), proposalHash) === 0,
      action: peer.ChaincodeAction.deserializeBinary(responsePayload.getExtension_asU8()),
    };
  });
  const chaincodeName = action.getChaincodeId()?.getName() ?? '';
  const event = action.getEvents_asU8();
  return {
    txId: channel.getTxId(),
    channelId: channel.getChannelId(),
    chaincodeName,
    timestamp: fromTimestamp(channel),
    creator,
    payload: envelope.getPayload_asU8(),
    signature: envelope.getSignature_asU8(),
    responsePayload: endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    endorsements: (endorsed?.getEndorsementsList() ?? []).map((endorsement) => ({
      endorser: endorsement.getEndorser_asU8(),
      signature: endorsement.getSignature_asU8(),
    })),
    isOfItsProposal,
    readWriteSet: decode('read/write set', () => decodeReadWriteSet(chaincodeName, action.getResults_asU8())),
    event: event.length === 0 ? undefined : event,
    envelope: envelope.serializeBinary(),
  };
}
