import { status as grpcStatus } from '@grpc/grpc-js';
import { GatewayError, StatusCode, type Status } from '@hyperledger/fabric-gateway';
import { EkoError, isErrorCode, type ErrorCode, type ErrorDetails } from '@eko/protocol';

/** The four calls of a transaction, and the subscription. */
export type LedgerStage = 'evaluate' | 'endorse' | 'submit' | 'commit status' | 'events';

const CHAINCODE_RESPONSE = /chaincode response \d+, ([A-Z][A-Z_]*): (.*)$/s;
const UNLIKE_ENDORSEMENTS = 'ProposalResponsePayloads do not match';

/** Every place where a gateway puts text of a failure. */
function textsOf(error: GatewayError): readonly string[] {
  return [...error.details.map((detail) => detail.message), error.message, error.cause.details];
}

function contractError(error: GatewayError, details: ErrorDetails): EkoError | undefined {
  for (const text of textsOf(error)) {
    const match = CHAINCODE_RESPONSE.exec(text);
    const code = match?.[1];
    if (code !== undefined && isErrorCode(code))
      return new EkoError(code, match?.[2] ?? code, { details, cause: error });
  }
  return undefined;
}

/** Fabric's words for what a gateway peer does not have; its status codes differ from call to call. */
const ABSENCES: readonly {
  readonly words: RegExp;
  readonly code: ErrorCode;
  readonly missing: 'channel' | 'chaincode';
  readonly text: string;
}[] = [
  {
    words:
      /could not get last config for channel|failed to get policy manager for channel|channel \S+ does not exist/i,
    code: 'INVALID_CONFIG',
    missing: 'channel',
    text: "The gateway peer has not joined the channel; check the profile's channel and endpoint",
  },
  {
    // Also for a moment after a peer's start, until it knows its neighbours: trying again may help.
    words:
      /no peers available to evaluate chaincode|no metadata was found for chaincode|no endorsing peers found/i,
    code: 'LEDGER_UNAVAILABLE',
    missing: 'chaincode',
    text: "No peer runs the chaincode on this channel; check the profile's chaincode, and that it is committed and installed",
  },
];

/** What a gRPC status means where the contract itself has said nothing. */
const BY_STATUS: ReadonlyMap<number, readonly [code: ErrorCode, text: string]> = new Map([
  [grpcStatus.CANCELLED, ['CANCELLED', 'was cancelled']],
  [grpcStatus.DEADLINE_EXCEEDED, ['DEADLINE_EXCEEDED', 'was not answered in time']],
  [grpcStatus.UNAVAILABLE, ['LEDGER_UNAVAILABLE', 'reached no peer']],
  [grpcStatus.ABORTED, ['LEDGER_UNAVAILABLE', 'was given up by the gateway peer']],
  [grpcStatus.FAILED_PRECONDITION, ['LEDGER_UNAVAILABLE', 'found no peers to run it']],
  [grpcStatus.RESOURCE_EXHAUSTED, ['RATE_LIMITED', 'met a limit of the gateway peer']],
  [grpcStatus.PERMISSION_DENIED, ['FORBIDDEN', 'is not allowed to this identity']],
  [
    grpcStatus.UNAUTHENTICATED,
    ['FORBIDDEN', 'does not know this identity; check MSP ID, certificate and key'],
  ],
  [grpcStatus.UNIMPLEMENTED, ['INVALID_CONFIG', 'met a server that is no gateway peer; check the endpoint']],
  [grpcStatus.INVALID_ARGUMENT, ['INVALID_CONFIG', 'was refused; check channel and chaincode name']],
  [grpcStatus.NOT_FOUND, ['INVALID_CONFIG', 'was refused; check channel and chaincode name']],
]);

/**
 * Turns whatever the gateway client throws into our error. The contract's `CODE: text` is looked for in every
 * endorser's detail, in the message and in the cause; the original stays as `cause`.
 */
export function gatewayError(error: unknown, stage: LedgerStage, txId?: string): EkoError {
  if (error instanceof EkoError) return error;
  if (!(error instanceof GatewayError))
    return new EkoError('INTERNAL', `The ledger's ${stage} failed in the client`, {
      details: { stage },
      cause: error,
    });
  const details: ErrorDetails = {
    stage,
    ...(txId === undefined ? {} : { txId }),
    ...(error.details.length === 0
      ? {}
      : { peers: error.details.map(({ mspId, address }) => `${mspId} ${address}`) }),
  };
  const ofContract = contractError(error, details);
  if (ofContract !== undefined) return ofContract;
  const texts = textsOf(error);
  if (texts.some((text) => text.includes(UNLIKE_ENDORSEMENTS)))
    return new EkoError(
      'LEDGER_CONFLICT',
      'The endorsing peers stand at different heights; nothing was submitted. Try again; where it stays so, see which peer gets no blocks or runs another chaincode',
      {
        details,
        cause: error,
      },
    );
  if (texts.some((text) => /duplicate transaction/i.test(text)))
    return new EkoError('DUPLICATE_TRANSACTION', 'The ledger has this transaction already', {
      details,
      cause: error,
    });
  const absence = ABSENCES.find(({ words }) => texts.some((text) => words.test(text)));
  if (absence !== undefined) {
    const { code, text, missing } = absence;
    return new EkoError(code, text, { details: { ...details, missing }, cause: error });
  }
  if (
    texts.some((text) =>
      /access denied|creator org unknown|creator is malformed|implicit policy evaluation failed|client identity expired/i.test(
        text,
      ),
    )
  )
    return new EkoError(
      'FORBIDDEN',
      'The ledger does not accept this identity; check MSP ID, certificate and key',
      {
        details,
        cause: error,
      },
    );
  if (texts.some((text) => /unauthorized due to incorrect timestamp/i.test(text)))
    return new EkoError(
      'CLOCK_SKEW',
      "The transaction's time is too far from the peer's: set the submitter's clock",
      { details, cause: error },
    );
  if (texts.some((text) => /message larger than max|exceeds maximum allowed/i.test(text)))
    return new EkoError('TOO_LARGE', "The message exceeds the ledger's limit", { details, cause: error });
  if (isTakenByNoOrderer(error))
    return new EkoError(
      'LEDGER_UNAVAILABLE',
      'No orderer took the transaction: see whether a quorum of them runs, then try again',
      { details, cause: error },
    );
  const [code, text] = BY_STATUS.get(error.code) ?? ['INTERNAL', 'failed without naming a code'];
  return new EkoError(code, `The ledger's ${stage} ${text}`, { details, cause: error });
}

/** Statuses after which the orderer may have the transaction. */
const UNCERTAIN: ReadonlySet<number> = new Set([
  grpcStatus.CANCELLED,
  grpcStatus.UNKNOWN,
  grpcStatus.DEADLINE_EXCEEDED,
  grpcStatus.INTERNAL,
  grpcStatus.UNAVAILABLE,
  grpcStatus.DATA_LOSS,
]);

/** Tells whether a failed `submit` may have reached the orderer all the same. */
export function isSubmitUncertain(error: unknown): boolean {
  if (!(error instanceof GatewayError)) return true;
  return UNCERTAIN.has(error.code) && !isTakenByNoOrderer(error);
}

/**
 * Whether the gateway has tried every orderer and none has the transaction: those that answered refused it, as without
 * a leader, and the gateway names those alone that it could not reach.
 */
function isTakenByNoOrderer(error: GatewayError): boolean {
  if (!textsOf(error).some((text) => text.includes('no orderers could successfully process transaction')))
    return false;
  return error.details.every(({ message }) => message.includes('connect: connection refused'));
}

/** The error of a transaction that was ordered, and found invalid. */
export function invalidTransaction(commit: Status): EkoError {
  const details = {
    stage: 'commit status',
    txId: commit.transactionId,
    validationCode: commit.code,
    blockNumber: commit.blockNumber.toString(),
  };
  switch (commit.code) {
    case StatusCode.MVCC_READ_CONFLICT:
    case StatusCode.PHANTOM_READ_CONFLICT:
      return new EkoError(
        'LEDGER_CONFLICT',
        'Another transaction changed what this one had read; try again',
        { details },
      );
    case StatusCode.DUPLICATE_TXID:
      return new EkoError('DUPLICATE_TRANSACTION', 'The ledger has this transaction already', { details });
    default:
      return new EkoError('INTERNAL', `The ledger found the transaction invalid (code ${commit.code})`, {
        details,
      });
  }
}
