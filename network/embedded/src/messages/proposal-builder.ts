import { randomBytes } from 'node:crypto';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import type { TxTimestamp } from '../state/versioned-state';
import { computeTxId } from './proposal';
import { newTimestamp } from './well-known-messages';

/** What a client asks a chaincode to do. */
export interface Invocation {
  readonly channelId: string;
  readonly chaincodeName: string;
  readonly creator: Uint8Array;
  /** The function name, then its arguments. */
  readonly args: readonly (string | Uint8Array)[];
  readonly timestamp: TxTimestamp;
  readonly transient?: Readonly<Record<string, string | Uint8Array>>;
}

/** Encodes who a caller is, as every message to a peer carries it. */
export function encodeCreator(mspId: string, certificatePem: string): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(certificatePem));
  return identity.serializeBinary();
}

/** Builds an unsigned proposal with a fresh nonce. */
export function buildProposal(invocation: Invocation): peer.SignedProposal {
  const nonce = randomBytes(24);
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(invocation.chaincodeName);

  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const channel = new common.ChannelHeader();
  channel.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channel.setChannelId(invocation.channelId);
  channel.setTxId(computeTxId(nonce, invocation.creator));
  channel.setTimestamp(newTimestamp(invocation.timestamp));
  channel.setExtension$(extension.serializeBinary());
  const signature = new common.SignatureHeader();
  signature.setCreator(invocation.creator);
  signature.setNonce(nonce);
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  header.setSignatureHeader(signature.serializeBinary());

  const input = new peer.ChaincodeInput();
  input.setArgsList(invocation.args.map((arg) => Buffer.from(arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(chaincodeId);
  spec.setInput(input);
  const invocationSpec = new peer.ChaincodeInvocationSpec();
  invocationSpec.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocationSpec.serializeBinary());
  const transient = payload.getTransientmapMap() as Map<string, Uint8Array>;
  for (const [key, value] of Object.entries(invocation.transient ?? {}))
    transient.set(key, Buffer.from(value));

  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  return signed;
}
