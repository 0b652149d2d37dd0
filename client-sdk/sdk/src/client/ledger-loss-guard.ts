import { EkoError, formatStreamId, isEkoError } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { activeIndicesOf } from '../bundles/stream-status';
import type { LedgerView } from '../ledger/ledger-view';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';

const LOOK_MS = 500;

/**
 * Closes streams whose policy says so when the ledger is not seen to advance: an end that cannot be seen must be
 * assumed. What was closed is ended on the ledger once it is back. @see docs/protocol.md, "6. The end"
 */
export class LedgerLossGuard {
  readonly #context: ClientContext;
  readonly #view: LedgerView;
  readonly #close: (streamId: string) => void;
  readonly #unrecorded = new Map<string, readonly number[]>();
  #isRecording = false;

  /** @param close - closes a stream and wipes its keys, at once */
  constructor(context: ClientContext, view: LedgerView, close: (streamId: string) => void) {
    this.#context = context;
    this.#view = view;
    this.#close = close;
  }

  /** Watches from now on. */
  start(): void {
    this.#look();
  }

  #look(): void {
    const { clock, bounds, closing } = this.#context;
    if (closing.aborted) return;
    if (this.#view.msSinceAdvance() > bounds.ledgerLossMs) this.#closeAll();
    else if (this.#unrecorded.size > 0 && !this.#isRecording) void this.#record();
    clock.schedule(LOOK_MS, () => {
      this.#look();
    });
  }

  #closeAll(): void {
    const { bundles, live } = this.#context;
    for (const view of bundles.all()) {
      const { bundleId, policy } = view.bundle;
      if (policy.onLedgerLoss !== 'close') continue;
      const open = activeIndicesOf(view).filter(
        (index) => live.endReason(formatStreamId({ bundleId, index })) === undefined,
      );
      if (open.length === 0) continue;
      for (const index of open) this.#close(formatStreamId({ bundleId, index }));
      this.#unrecorded.set(bundleId, [...(this.#unrecorded.get(bundleId) ?? []), ...open]);
      const error = new EkoError(
        'STALE_LEDGER',
        'The ledger does not advance; streams that may not outlive that were closed',
        {
          details: { bundleId },
        },
      );
      reportTrouble(this.#context, error, 'Watching the ledger');
    }
  }

  async #record(): Promise<void> {
    this.#isRecording = true;
    try {
      for (const [bundleId, indices] of this.#unrecorded) {
        await this.#recordOne(bundleId, indices);
        this.#unrecorded.delete(bundleId);
      }
    } catch (error) {
      reportTrouble(this.#context, error, 'Recording that streams were closed');
    } finally {
      this.#isRecording = false;
    }
  }

  async #recordOne(bundleId: string, indices: readonly number[]): Promise<void> {
    const { ledger, closing } = this.#context;
    const argument = {
      bundleId,
      streams: [...indices],
      reason: 'failed' as const,
      note: 'ledger out of sight',
    };
    try {
      await ledger.submit(TRANSACTIONS.endStream, argument, { signal: closing });
    } catch (error) {
      if (!isEkoError(error, 'STREAM_ENDED', 'BAD_STATE')) throw error;
    }
  }
}
