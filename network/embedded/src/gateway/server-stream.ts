import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { GatewayFault, toServerStatus } from './gateway-fault';
import { abortOnCancel, type CancellableCall } from './call-signal';

/** The part of a streaming call that is written to. */
export interface WritableCall<Response> extends CancellableCall {
  write(response: Response): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/**
 * Writes what `responses` yields until the client leaves. A subscriber that reads slowly holds up its own stream only.
 */
export async function pump<Response>(
  call: WritableCall<Response> & NodeJS.EventEmitter,
  responses: (signal: AbortSignal) => AsyncIterable<Response>,
): Promise<void> {
  const { signal, release } = abortOnCancel(call);
  try {
    for await (const response of responses(signal)) {
      if (!call.write(response)) await once(call, 'drain', { signal });
    }
    throw new GatewayFault(status.UNAVAILABLE, 'the stream has ended');
  } catch (error) {
    if (!call.cancelled) call.emit('error', toServerStatus(error));
  } finally {
    release();
  }
}
