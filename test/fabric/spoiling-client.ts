import type { Client } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import type { FabricProfile } from '@eko/sdk';
import { newGatewayClient } from '../../client-sdk/sdk/dist/ledger/gateway-client';

const SUBMIT = '/gateway.Gateway/Submit';

/** A connection over which every transaction is sent for ordering with a signature that does not hold. */
export function newSpoilingClient(profile: FabricProfile): Client {
  const real = newGatewayClient(profile);
  const call = real.makeUnaryRequest.bind(real) as unknown as (
    method: string,
    serialize: unknown,
    deserialize: unknown,
    argument: unknown,
    ...rest: readonly unknown[]
  ) => unknown;
  const makeUnaryRequest: typeof call = (method, serialize, deserialize, argument, ...rest) => {
    if (method === SUBMIT && argument instanceof gateway.SubmitRequest)
      argument.getPreparedTransaction()?.setSignature(Buffer.from('of nobody'));
    return call(method, serialize, deserialize, argument, ...rest);
  };
  return new Proxy(real, {
    get: (target, name) => {
      if (name === 'makeUnaryRequest') return makeUnaryRequest;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
