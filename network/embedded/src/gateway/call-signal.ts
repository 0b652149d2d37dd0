/** A call that its client can give up. */
export interface CancellableCall {
  readonly cancelled: boolean;
  on(event: 'cancelled', listener: () => void): unknown;
  removeListener(event: 'cancelled', listener: () => void): unknown;
}

/** A signal that is aborted when the client gives a call up. */
export interface CallSignal {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** Makes a signal of a call's cancellation. */
export function abortOnCancel(call: CancellableCall): CallSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error('the client has gone'));
  call.on('cancelled', abort);
  if (call.cancelled) abort();
  return { signal: controller.signal, release: () => call.removeListener('cancelled', abort) };
}
