import { Metadata, status, type Client, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import type { FabricProfile } from '@eko/sdk';
import { newGatewayClient } from '../../client-sdk/sdk/dist/ledger/gateway-client';

const SUBMIT = '/gateway.Gateway/Submit';
const COMMIT_STATUS = '/gateway.Gateway/CommitStatus';

type UnaryCall = (
  method: string,
  serialize: unknown,
  deserialize: unknown,
  argument: unknown,
  options: unknown,
  callback: requestCallback<unknown>,
) => unknown;

/** A connection to a gateway peer that loses answers, and counts what was sent. */
export interface LosingClient {
  readonly client: Client;
  /** How often a transaction was sent for ordering. */
  readonly submits: () => number;
  /** How often a commit status was asked for. */
  readonly statusCalls: () => number;
}

/** A connection that does everything and loses the answer to the first submit, and to the first commit status. */
export function newLosingClient(profile: FabricProfile): LosingClient {
  const calls = { [SUBMIT]: 0, [COMMIT_STATUS]: 0 };
  const client = newTamperedClient(profile, (call, method, ...rest) => {
    const isCounted = method === SUBMIT || method === COMMIT_STATUS;
    if (isCounted) calls[method] += 1;
    const isLost = isCounted && calls[method] === 1;
    const [serialize, deserialize, argument, options, callback] = rest;
    return call(method, serialize, deserialize, argument, options, (error, value) => {
      if (isLost && error === null) callback(lostAnswer());
      else callback(error, value);
    });
  });
  return { client, submits: () => calls[SUBMIT], statusCalls: () => calls[COMMIT_STATUS] };
}

/** A connection over which every transaction is sent for ordering with a signature that does not hold. */
export function newSpoilingClient(profile: FabricProfile): Client {
  return newTamperedClient(profile, (call, method, ...rest) => {
    const [, , argument] = rest;
    if (method === SUBMIT && argument instanceof gateway.SubmitRequest)
      argument.getPreparedTransaction()?.setSignature(Buffer.from('of nobody'));
    return call(method, ...rest);
  });
}

/** A real connection of which `tamper` makes each unary call. */
function newTamperedClient(
  profile: FabricProfile,
  tamper: (call: UnaryCall, ...made: Parameters<UnaryCall>) => unknown,
): Client {
  const real = newGatewayClient(profile);
  const call = real.makeUnaryRequest.bind(real) as unknown as UnaryCall;
  return new Proxy(real, {
    get: (target, name) => {
      if (name === 'makeUnaryRequest') return (...made: Parameters<UnaryCall>) => tamper(call, ...made);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function lostAnswer(): ServiceError {
  const text = 'the connection was lost';
  return Object.assign(new Error(text), {
    code: status.UNAVAILABLE,
    details: text,
    metadata: new Metadata(),
  });
}
