import { Metadata, type ServiceError, type status } from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import type { GatewayLedgerOptions } from '@eko/sdk';

type GatewayClient = NonNullable<GatewayLedgerOptions['client']>;
type Stage = 'Evaluate' | 'Endorse' | 'Submit' | 'CommitStatus';

interface Message {
  serializeBinary(): Uint8Array;
}

/** What the peer does with a call: fails, never answers, or answers (with that validation code at the commit). */
export type PeerAnswer =
  ServiceError | 'silence' | { readonly validationCode?: number; readonly result?: unknown };

/** A failure as gRPC reports it. */
export function serviceError(code: status, message: string): ServiceError {
  return Object.assign(new Error(message), { code, details: message, metadata: new Metadata() });
}

/** Calls that a scripted peer has seen: stage and transaction ID. */
export interface SeenCall {
  readonly stage: Stage;
  readonly txId: string;
  readonly argument?: string;
  readonly deadline: number;
}

/**
 * A gRPC client whose peer follows a script: each stage takes its next answer, and succeeds when the script is over. It
 * reads real messages and writes real ones.
 */
export class FakeGatewayClient {
  readonly seen: SeenCall[] = [];
  closed = false;
  readonly #script: Partial<Record<Stage, PeerAnswer[]>>;
  readonly #result: string;

  constructor(script: Partial<Record<Stage, PeerAnswer[]>>, result: unknown = { ok: true }) {
    this.#script = script;
    this.#result = JSON.stringify(result);
  }

  /** Itself, as the gateway client takes it. */
  get client(): GatewayClient {
    return this as unknown as GatewayClient;
  }

  /** The stages seen, in order. */
  get stages(): Stage[] {
    return this.seen.map(({ stage }) => stage);
  }

  close(): void {
    this.closed = true;
  }

  makeUnaryRequest(
    method: string,
    _serialize: unknown,
    deserialize: (bytes: Buffer) => unknown,
    request: Message,
    options: { deadline: number },
    callback: (error: ServiceError | null, answer?: unknown) => void,
  ): void {
    const stage = method.slice(method.lastIndexOf('/') + 1) as Stage;
    this.seen.push({ stage, deadline: options.deadline, ...this.#read(stage, request) });
    const answer = this.#script[stage]?.shift() ?? {};
    if (answer === 'silence') return;
    setImmediate(() => {
      if (answer instanceof Error) callback(answer);
      else callback(null, deserialize(Buffer.from(this.#answer(stage, answer).serializeBinary())));
    });
  }

  #read(stage: Stage, request: Message): { txId: string; argument?: string } {
    const bytes = request.serializeBinary();
    if (stage === 'Submit')
      return { txId: gateway.SubmitRequest.deserializeBinary(bytes).getTransactionId() };
    if (stage === 'CommitStatus') {
      const signed = gateway.SignedCommitStatusRequest.deserializeBinary(bytes);
      return {
        txId: gateway.CommitStatusRequest.deserializeBinary(signed.getRequest_asU8()).getTransactionId(),
      };
    }
    const proposed =
      stage === 'Endorse'
        ? gateway.EndorseRequest.deserializeBinary(bytes)
        : gateway.EvaluateRequest.deserializeBinary(bytes);
    const proposal = peer.Proposal.deserializeBinary(
      proposed.getProposedTransaction()?.getProposalBytes_asU8() ?? new Uint8Array(),
    );
    const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
    const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8());
    const [, argument] = invocation.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [];
    return { txId: proposed.getTransactionId(), argument: Buffer.from(argument ?? []).toString() };
  }

  #answer(stage: Stage, answer: Exclude<PeerAnswer, 'silence' | ServiceError>): Message {
    const response = new peer.Response();
    response.setPayload(Buffer.from(this.#result));
    switch (stage) {
      case 'Evaluate': {
        const evaluated = new gateway.EvaluateResponse();
        evaluated.setResult(response);
        return evaluated;
      }
      case 'Endorse': {
        const endorsed = new gateway.EndorseResponse();
        endorsed.setPreparedTransaction(envelopeOf(response));
        return endorsed;
      }
      case 'Submit':
        return new gateway.SubmitResponse();
      case 'CommitStatus': {
        const committed = new gateway.CommitStatusResponse();
        committed.setBlockNumber(7);
        committed.setResult((answer.validationCode ?? 0) as 0);
        return committed;
      }
    }
  }
}

/** The transaction that an endorsing peer prepares, as far as the client reads it. */
function envelopeOf(response: peer.Response): common.Envelope {
  const action = new peer.ChaincodeAction();
  action.setResponse(response);
  const responsePayload = new peer.ProposalResponsePayload();
  responsePayload.setExtension$(action.serializeBinary());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responsePayload.serializeBinary());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setAction(endorsed);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(transactionAction);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setChannelId('mychannel');
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}
