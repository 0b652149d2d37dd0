import { peer } from '@hyperledger/fabric-protos';
import type { ContractEvent } from '../contracts/contract-host';
import type { Proposal } from './proposal';

/** The chaincode version that every answer names; the embedded ledger has no chaincode lifecycle. */
const CHAINCODE_VERSION = 'embedded';

/** What a peer signs when it endorses: the proposal's hash with everything that the run answered, read and wrote. */
export function encodeProposalResponsePayload(
  proposal: Proposal,
  result: {
    readonly status: number;
    readonly message: string;
    readonly payload: Uint8Array;
    readonly event: ContractEvent | undefined;
  },
  readWriteSet: Uint8Array,
): Uint8Array {
  const response = new peer.Response();
  response.setStatus(result.status);
  response.setMessage(result.message);
  response.setPayload(result.payload);
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(proposal.chaincodeName);
  chaincodeId.setVersion(CHAINCODE_VERSION);
  const action = new peer.ChaincodeAction();
  action.setResults(readWriteSet);
  action.setResponse(response);
  action.setChaincodeId(chaincodeId);
  if (result.event !== undefined) action.setEvents(encodeEvent(proposal, result.event));
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposal.hash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

function encodeEvent(proposal: Proposal, { name, payload }: ContractEvent): Uint8Array {
  const event = new peer.ChaincodeEvent();
  event.setChaincodeId(proposal.chaincodeName);
  event.setTxId(proposal.txId);
  event.setEventName(name);
  event.setPayload(payload);
  return event.serializeBinary();
}
