import { BoundedMap, TRANSACTIONS, isEkoError } from '@eko/protocol';
import { backoffMs, pause } from '../pacing/backoff';
import { cancelled } from '../pacing/deadline';
import type { Ledger } from './ledger';

const RETRY = { firstMs: 200, mostMs: 5_000 };
/** Transactions remembered that were seen before the heartbeat's own answer came. */
const REMEMBERED = 1_000;

/**
 * Tells when a node or client that follows the ledger has seen all that was there when it started: it submits a
 * heartbeat of its own and waits for it to come back as an event. Until then its view may be old, however fast it moves.
 */
export class CatchUp {
  /** There only while a heartbeat is out: nothing asks for what is seen before or after. */
  #seen: BoundedMap<string, true> | undefined;
  #awaited: { readonly txId: string; readonly done: () => void } | undefined;

  /** Takes note of an event that the node has dealt with. */
  observe(txId: string): void {
    if (txId === this.#awaited?.txId) this.#awaited.done();
    this.#seen?.set(txId, true);
  }

  /**
   * Resolves once all has been seen that was on the ledger when this was called. One call at a time.
   *
   * @throws EkoError what the ledger refuses for good; `CANCELLED` when `signal` aborts
   */
  async prove(ledger: Ledger, nodeId: string, signal: AbortSignal): Promise<void> {
    this.#seen = new BoundedMap(REMEMBERED);
    try {
      await this.#untilSeen(await heartbeat(ledger, nodeId, signal), signal);
    } finally {
      this.#seen = undefined;
      this.#awaited = undefined;
    }
  }

  #untilSeen(txId: string, signal: AbortSignal): Promise<void> {
    if (this.#seen?.get(txId) !== undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        reject(cancelled('The wait for the ledger'));
      };
      const done = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#awaited = { txId, done };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }
}

/** Submits one, until the ledger has taken it or refuses it for good; its transaction ID. */
async function heartbeat(ledger: Ledger, nodeId: string, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await ledger.submit(TRANSACTIONS.heartbeat, { nodeId }, { signal })).txId;
    } catch (error) {
      if (!isEkoError(error) || error.blame !== 'unavailable' || signal.aborted) throw error;
      await pause(backoffMs(attempt, RETRY), signal);
    }
  }
}
