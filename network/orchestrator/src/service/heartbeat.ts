import { isEkoError } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import type { SeenBeats } from '@eko/node-kit';
import type { Ledger } from '@eko/sdk';
import { beatDueAtMs, type Beater } from '../core/beat-turn';
import type { OrchestratorObserver } from './orchestrator-observer';

/** What a heartbeat needs. */
export interface HeartbeatDeps {
  readonly nodeId: string;
  readonly ledger: Pick<Ledger, 'submit'>;
  readonly beats: SeenBeats;
  readonly observer: OrchestratorObserver;
  readonly monotonicMs: () => number;
  /** Between two heartbeats, whoever gives them and however busy the ledger is. */
  readonly heartbeatMs: number;
  /** The active orchestrators: they take turns, and one beat serves all. */
  readonly beaters: () => readonly Beater[];
  /** Whether it has no place among them any more: its turns are those of the next one. */
  readonly isRetired: () => boolean;
  readonly submitMs: number;
}

/**
 * Shows those who watch the ledger that they see it as it is now: whoever gets its blocks late sees old heartbeats.
 * @see docs/protocol.md, "4. Release"
 */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  #underWay = false;
  #notBeforeMonotonicMs = 0;
  readonly #sinceMs: number;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#sinceMs = deps.monotonicMs();
  }

  /** Beats if it is time to. */
  async tick(): Promise<void> {
    const { nodeId, ledger, observer, monotonicMs, heartbeatMs, submitMs } = this.#deps;
    const now = monotonicMs();
    if (this.#underWay || now < this.#notBeforeMonotonicMs || this.#deps.isRetired()) return;
    if (now < this.#dueAtMs()) return;
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

  #dueAtMs(): number {
    const { nodeId, beats, beaters, heartbeatMs: intervalMs } = this.#deps;
    const newest = beats.newest();
    const outside = newest === undefined ? undefined : beats.newestOutside(newest.mspId);
    return beatDueAtMs({ nodeId, beaters: beaters(), newest, outside, sinceMs: this.#sinceMs, intervalMs });
  }
}
