import { status } from '@grpc/grpc-js';
import { GatewayFault } from './gateway-fault';

/** A call that its client can cancel. */
export interface CancellableCall {
  readonly cancelled: boolean;
  on(event: 'cancelled', listener: () => void): unknown;
  removeListener(event: 'cancelled', listener: () => void): unknown;
}

/** A signal that is aborted when the client gives a call up. */
export interface CallSignal {
  readonly signal: AbortSignal;
  /** Stops listening. */
  readonly release: () => void;
}

/**
 * Makes a signal of a call's cancellation.
 *
 * @param limitMs ends the call with `DEADLINE_EXCEEDED` after this time; without it the call may last
 */
export function abortOnCancel(call: CancellableCall, limitMs?: number): CallSignal {
  const controller = new AbortController();
  const expire = (): void =>
    controller.abort(new GatewayFault(status.DEADLINE_EXCEEDED, 'the wait has ended'));
  const timer = limitMs === undefined ? undefined : setTimeout(expire, limitMs);
  const abort = (): void => controller.abort(new Error('the client has gone'));
  call.on('cancelled', abort);
  if (call.cancelled) abort();
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      call.removeListener('cancelled', abort);
    },
  };
}
