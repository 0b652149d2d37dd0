import { Metadata, status, type Client, type requestCallback, type ServiceError } from '@grpc/grpc-js';
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
  const real = newGatewayClient(profile);
  const calls = { [SUBMIT]: 0, [COMMIT_STATUS]: 0 };
  const call = real.makeUnaryRequest.bind(real) as unknown as UnaryCall;
  const makeUnaryRequest: UnaryCall = (method, serialize, deserialize, argument, options, callback) => {
    const isCounted = method === SUBMIT || method === COMMIT_STATUS;
    if (isCounted) calls[method] += 1;
    const isLost = isCounted && calls[method] === 1;
    return call(method, serialize, deserialize, argument, options, (error, value) => {
      if (isLost && error === null) callback(lostAnswer());
      else callback(error, value);
    });
  };
  const client = new Proxy(real, {
    get: (target, name) => {
      if (name === 'makeUnaryRequest') return makeUnaryRequest;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { client, submits: () => calls[SUBMIT], statusCalls: () => calls[COMMIT_STATUS] };
}

function lostAnswer(): ServiceError {
  const text = 'the connection was lost';
  return Object.assign(new Error(text), {
    code: status.UNAVAILABLE,
    details: text,
    metadata: new Metadata(),
  });
}
