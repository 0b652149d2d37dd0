import type { Gateway, Proposal } from '@hyperledger/fabric-gateway';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { fromTimestamp, newTimestamp } from '../../network/embedded/src/messages/well-known-messages';

/** The same proposal as a client would make it whose clock is off; whole seconds. */
export function skewedProposal(connection: Gateway, proposal: Proposal, skewMs: number): Proposal {
  const proposed = gateway.ProposedTransaction.deserializeBinary(proposal.getBytes());
  const inner = peer.Proposal.deserializeBinary(proposed.getProposal()!.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(inner.getHeader_asU8());
  const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const { seconds, nanos } = fromTimestamp(channel);
  channel.setTimestamp(newTimestamp({ seconds: seconds + Math.round(skewMs / 1000), nanos }));
  header.setChannelHeader(channel.serializeBinary());
  inner.setHeader(header.serializeBinary());
  proposed.getProposal()!.setProposalBytes(inner.serializeBinary());
  return connection.newProposal(proposed.serializeBinary());
}
