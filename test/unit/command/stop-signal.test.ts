import { stopSignal } from '../../../client-sdk/command/src/stop-signal';

function newSource() {
  const listeners: (() => void)[] = [];
  const exits: number[] = [];
  let nowMs = 0;
  const signal = stopSignal(
    {
      on: (_signal, listener) => listeners.push(listener),
      exit: (status) => {
        exits.push(status);
        // A test goes on where a process would end.
        return undefined as never;
      },
    },
    () => nowMs,
  );
  return {
    signal,
    exits,
    press: (atMs: number): void => {
      nowMs = atMs;
      listeners[0]?.();
    },
  };
}

describe('stopSignal', () => {
  it('takes a signal that comes twice at once for one wish, and a later one for impatience', () => {
    const { signal, exits, press } = newSource();
    expect(signal.aborted).toBe(false);
    press(10);
    press(12);
    expect(signal.aborted).toBe(true);
    expect(exits).toEqual([]);
    press(2_000);
    expect(exits).toEqual([130]);
  });
});
