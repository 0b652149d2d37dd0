import type { OrchestratorObserver } from '../../../network/orchestrator/src/service/orchestrator-observer';

/** Remembers what an orchestrator says of itself. */
export class RecordingObserver implements OrchestratorObserver {
  readonly lines: string[] = [];
  readonly warnings: unknown[] = [];

  dealt(bundleId: string, streams: number): void {
    this.lines.push(`dealt ${bundleId} ${streams}`);
  }

  delivered(holder: string, code: string | undefined): void {
    this.lines.push(`delivered ${holder} ${code ?? 'OK'}`);
  }

  peerFailed(_bundleId: string, peer: string, code: string): void {
    this.lines.push(`peer failed ${peer} ${code}`);
  }

  submitted(transaction: string, _bundleId: string | undefined, code: string | undefined): void {
    this.lines.push(`submitted ${transaction} ${code ?? 'OK'}`);
  }

  unattested(nodeId: string, code: string): void {
    this.lines.push(`unattested ${nodeId} ${code}`);
  }

  destroyed(bundleId: string, dealings: number): void {
    this.lines.push(`destroyed ${bundleId} ${dealings}`);
  }

  warned(_event: string, error: unknown): void {
    this.warnings.push(error);
  }
}
