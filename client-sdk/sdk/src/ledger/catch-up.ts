import { EkoError, isEkoError } from '@eko/protocol';
import { BoundedMap } from '@eko/protocol/encoding';
import { TRANSACTIONS, type Heartbeat, type LedgerPosition } from '@eko/protocol/ledger';
import { backoffMs, pause } from '../pacing/backoff';
import { cancelled } from '../pacing/deadline';
import type { Committed, Ledger } from './ledger';

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
   * @param beat - the heartbeat of the node
   * @param after - where the subscription began, unless that was the first block
   * @throws EkoError what the ledger refuses for good; `INVALID_CONFIG` where the ledger is not as long as `after` says,
   *   so that nothing would ever be seen; `CANCELLED` when `signal` aborts
   */
  async prove(ledger: Ledger, beat: Heartbeat, signal: AbortSignal, after?: LedgerPosition): Promise<void> {
    this.#seen = new BoundedMap(REMEMBERED);
    try {
      const { txId, blockNumber } = await submitBeat(ledger, beat, signal);
      if (after !== undefined && blockNumber <= after.blockNumber) throw otherLedger(after, blockNumber);
      await this.#untilSeen(txId, signal);
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

function otherLedger(after: LedgerPosition, newest: bigint): EkoError {
  return new EkoError(
    'INVALID_CONFIG',
    `The checkpoint is at block ${after.blockNumber}, and the ledger's newest is ${newest}: it was made anew; remove the store to start anew too`,
  );
}

/** Submits one, until the ledger has taken it or refuses it for good. */
async function submitBeat(ledger: Ledger, beat: Heartbeat, signal: AbortSignal): Promise<Committed<unknown>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ledger.submit(TRANSACTIONS.heartbeat, beat, { signal });
    } catch (error) {
      if (!isEkoError(error) || error.blame !== 'unavailable' || signal.aborted) throw error;
      await pause(backoffMs(attempt, RETRY), signal);
    }
  }
}
