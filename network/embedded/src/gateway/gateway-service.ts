import {
  type handleUnaryCall,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { AccessDenied, hasExpired, type Membership } from '@eko/msp';
import type { CommitStatus, Ledger } from '../ledger/ledger';
import { decode } from '../messages/proposal';
import { parseTransaction, type Transaction } from '../messages/transaction';
import { abortOnCancel, type CancellableCall } from './call-signal';
import type { Endorser } from './endorser';
import { GatewayFault, toServerStatus } from './gateway-fault';
import { pump, type WritableCall } from './server-stream';
import { parseStartPosition } from './start-position';
import type { CommittedBlock } from '../ledger/committed-block';

/** What the gateway service works with. */
export interface GatewayServiceOptions {
  readonly channelId: string;
  readonly endorser: Endorser;
  readonly ledger: Ledger;
  readonly membership: Membership;
}

/** The longest that a client may wait for a commit; its own deadline is usually shorter. */
const MAX_COMMIT_WAIT_MS = 5 * 60 * 1000;

/** Makes the handlers of Fabric's `gateway.Gateway` service. */
export function gatewayService(options: GatewayServiceOptions): UntypedServiceImplementation {
  const { channelId, endorser, ledger, membership } = options;

  const assertChannel = (asked: string): void => {
    if (asked !== channelId) throw new GatewayFault(status.NOT_FOUND, `channel ${asked} does not exist`);
  };

  /** A request of its own is checked against the channel's policies first, so an unknown channel is one without any. */
  const assertPolicies = (asked: string): void => {
    if (asked === channelId) return;
    throw new GatewayFault(status.PERMISSION_DENIED, `Failed to get policy manager for channel [${asked}]`);
  };

  const waitForCommit = async (call: CancellableCall, txId: string): Promise<CommitStatus> => {
    const { signal, release } = abortOnCancel(call, MAX_COMMIT_WAIT_MS);
    try {
      return await ledger.waitForCommit(txId, signal);
    } finally {
      release();
    }
  };

  return {
    evaluate: unary<gateway.EvaluateRequest, gateway.EvaluateResponse>(async ({ request }) => {
      const result = await endorser.evaluate(proposalOf(request.getProposedTransaction()));
      const response = new peer.Response();
      response.setStatus(result.status);
      response.setMessage(result.message);
      response.setPayload(result.payload);
      const answer = new gateway.EvaluateResponse();
      answer.setResult(response);
      return answer;
    }),

    endorse: unary<gateway.EndorseRequest, gateway.EndorseResponse>(async ({ request }) => {
      const answer = new gateway.EndorseResponse();
      const proposal = proposalOf(request.getProposedTransaction());
      answer.setPreparedTransaction(
        await endorser.endorse(proposal, request.getEndorsingOrganizationsList()),
      );
      return answer;
    }),

    submit: unary<gateway.SubmitRequest, gateway.SubmitResponse>(async ({ request }) => {
      const envelope = request.getPreparedTransaction();
      if (envelope === undefined) {
        throw new GatewayFault(status.INVALID_ARGUMENT, 'a prepared transaction is required');
      }
      if (envelope.getSignature_asU8().length === 0) {
        throw new GatewayFault(status.INVALID_ARGUMENT, 'prepared transaction must be signed');
      }
      const transaction = parseTransaction(envelope);
      assertChannel(transaction.channelId);
      refuseUnordered(transaction, membership);
      ledger.submit(transaction);
      return new gateway.SubmitResponse();
    }),

    commitStatus: unary<gateway.SignedCommitStatusRequest, gateway.CommitStatusResponse>(async (call) => {
      const signed = call.request;
      const request = decode('commit status request', () =>
        gateway.CommitStatusRequest.deserializeBinary(signed.getRequest_asU8()),
      );
      assertPolicies(request.getChannelId());
      membership.authenticate(
        request.getIdentity_asU8(),
        signed.getRequest_asU8(),
        signed.getSignature_asU8(),
      );
      return toCommitStatus(await waitForCommit(call, request.getTransactionId()));
    }),

    chaincodeEvents: (
      call: WritableCall<gateway.ChaincodeEventsResponse> &
        NodeJS.EventEmitter & { readonly request: gateway.SignedChaincodeEventsRequest },
    ) => {
      void pump(call, async function* (signal) {
        const signed = call.request;
        const request = decode('chaincode events request', () =>
          gateway.ChaincodeEventsRequest.deserializeBinary(signed.getRequest_asU8()),
        );
        assertPolicies(request.getChannelId());
        membership.authenticate(
          request.getIdentity_asU8(),
          signed.getRequest_asU8(),
          signed.getSignature_asU8(),
        );
        const filter = new ChaincodeEventFilter(request.getChaincodeId(), request.getAfterTransactionId());
        const start =
          ledger.statusOf(request.getAfterTransactionId())?.blockNumber ??
          parseStartPosition(request.getStartPosition(), ledger.height);
        for await (const block of ledger.blocksFrom(start, signal)) {
          const response = filter.responseFor(block);
          if (response !== undefined) yield response;
        }
      });
    },
  };
}

/** Fabric's default for a channel's `AbsoluteMaxBytes`. */
const MAX_TRANSACTION_BYTES = 10 * 1024 * 1024;
/** In Fabric's words, which are those of its default policies. */
const NOT_A_WRITER =
  "implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied: permission denied";

/** Refuses what an orderer does not order: what is too large, and what no member of the channel signed. */
function refuseUnordered({ creator, payload, signature }: Transaction, membership: Membership): void {
  const refuse = (code: string, info: string): never => {
    const text = `received unsuccessful response from orderer: status=${code}, info=${info}`;
    throw new GatewayFault(status.ABORTED, text);
  };
  const sizeBytes = payload.length + signature.length;
  if (sizeBytes > MAX_TRANSACTION_BYTES) {
    const limit = `exceeds maximum allowed ${MAX_TRANSACTION_BYTES} bytes`;
    refuse('BAD_REQUEST', `message payload is ${sizeBytes} bytes and ${limit}`);
  }
  try {
    if (hasExpired(membership.authenticate(creator, payload, signature)))
      refuse('BAD_REQUEST', 'broadcast client identity expired');
  } catch (error) {
    if (error instanceof AccessDenied) refuse('FORBIDDEN', NOT_A_WRITER);
    throw error;
  }
}

function toCommitStatus({ code, blockNumber }: CommitStatus): gateway.CommitStatusResponse {
  const answer = new gateway.CommitStatusResponse();
  answer.setResult(code);
  answer.setBlockNumber(blockNumber);
  return answer;
}

function proposalOf(signed: peer.SignedProposal | undefined): peer.SignedProposal {
  if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
    throw new GatewayFault(
      status.INVALID_ARGUMENT,
      'the proposed transaction must contain a signed proposal',
    );
  }
  return signed;
}

/** Makes a gRPC handler of a function that answers or throws. */
function unary<Request, Response>(
  answer: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    answer(call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServerStatus(error)),
    );
  };
}

const { VALID } = peer.TxValidationCode;

/** Picks one chaincode's events out of blocks, for one subscriber. */
class ChaincodeEventFilter {
  readonly #chaincodeName: string;
  readonly #afterTxId: string;
  #isPast: boolean;

  /** @param afterTxId the last transaction that the subscriber has seen; empty when it has seen none */
  constructor(chaincodeName: string, afterTxId: string) {
    this.#chaincodeName = chaincodeName;
    this.#afterTxId = afterTxId;
    this.#isPast = afterTxId === '';
  }

  /** The answer for one block; nothing when no event of it is wanted. */
  responseFor({ blockNumber, transactions }: CommittedBlock): gateway.ChaincodeEventsResponse | undefined {
    const events: peer.ChaincodeEvent[] = [];
    for (const { transaction, code } of transactions) {
      if (code !== VALID) continue;
      const isWanted = this.#isPast && transaction.chaincodeName === this.#chaincodeName;
      this.#isPast ||= transaction.txId === this.#afterTxId;
      if (isWanted && transaction.event !== undefined) {
        events.push(peer.ChaincodeEvent.deserializeBinary(transaction.event));
      }
    }
    if (events.length === 0) return undefined;
    const response = new gateway.ChaincodeEventsResponse();
    response.setBlockNumber(blockNumber);
    response.setEventsList(events);
    return response;
  }
}
