import { TRANSACTIONS, isEkoError } from '@eko/protocol';
import type { Ledger, LedgerView } from '@eko/sdk';
import type { OrchestratorObserver } from '../ports/orchestrator-observer';

/** What a heartbeat needs. */
export interface HeartbeatParts {
  readonly nodeId: string;
  readonly ledger: Pick<Ledger, 'submit'>;
  readonly view: LedgerView;
  readonly observer: OrchestratorObserver;
  readonly monotonicMs: () => number;
  /** How long the ledger may stand still. */
  readonly heartbeatMs: number;
  /** This node's place among the orchestrators: they take turns, and one beat serves all. */
  readonly rank: () => number;
  /** Whether it has no place among them any more: its turns are those of the next one. */
  readonly isRetired: () => boolean;
  readonly submitMs: number;
}

const TURN_MS = 300;

/**
 * Moves an idle ledger on, so that those who watch it can tell it from a dead one.
 * @see docs/protocol.md, "4. Release"
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #underWay = false;
  #notBeforeMonotonicMs = 0;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Beats if it is time to. */
  async tick(): Promise<void> {
    const { nodeId, ledger, view, observer, monotonicMs, heartbeatMs, rank, submitMs } = this.#parts;
    const now = monotonicMs();
    if (this.#underWay || now < this.#notBeforeMonotonicMs || this.#parts.isRetired()) return;
    if (view.msSinceAdvance() < heartbeatMs + rank() * TURN_MS) return;
    this.#underWay = true;
    try {
      await ledger.submit(TRANSACTIONS.heartbeat, { nodeId }, { deadlineMs: submitMs });
      observer.submitted(TRANSACTIONS.heartbeat, undefined, undefined);
    } catch (error) {
      if (!isEkoError(error)) throw error;
      observer.submitted(TRANSACTIONS.heartbeat, undefined, error.code);
    } finally {
      this.#underWay = false;
      this.#notBeforeMonotonicMs = monotonicMs() + heartbeatMs;
    }
  }
}
