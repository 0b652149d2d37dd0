import { EkoError, TRANSACTIONS, isEkoError } from '@eko/protocol';
import { backoffMs, pause } from '../pacing/backoff';
import type { Ledger } from './ledger';

const RETRY = { firstMs: 200, mostMs: 5_000 };
/** Transactions remembered that were seen before the heartbeat's own answer came. */
const REMEMBERED = 1_000;

/**
 * Tells when a node or client that follows the ledger has seen all that was there when it started: it submits a heartbeat of its
 * own and waits for it to come back as an event. Until then its view may be old, however fast it moves.
 */
export class CatchUp {
  readonly #seen = new Set<string>();
  #awaited: { readonly txId: string; readonly done: () => void } | undefined;

  /** Takes note of an event that the node has dealt with. */
  observe(txId: string): void {
    if (txId === this.#awaited?.txId) this.#awaited.done();
    if (this.#seen.size >= REMEMBERED) this.#seen.clear();
    this.#seen.add(txId);
  }

  /**
   * Resolves once all has been seen that was on the ledger when this was called.
   *
   * @throws EkoError what the ledger refuses for good; `CANCELLED` when `signal` aborts
   */
  async prove(ledger: Ledger, nodeId: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { txId } = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId }, { signal });
        if (this.#seen.has(txId)) return;
        await new Promise<void>((resolve, reject) => {
          this.#awaited = { txId, done: resolve };
          signal.addEventListener(
            'abort',
            () => {
              reject(new EkoError('CANCELLED', 'The wait for the ledger was stopped'));
            },
            { once: true },
          );
        });
        return;
      } catch (error) {
        if (!isEkoError(error) || error.blame !== 'unavailable' || signal.aborted) throw error;
        await pause(backoffMs(attempt, RETRY), signal);
      }
    }
  }
}
