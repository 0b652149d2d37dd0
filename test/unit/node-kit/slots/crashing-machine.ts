import type { StoreOperation } from '@eko/node-kit';
import type { SlotFile } from '../../../../network/node-kit/src/slots/slot-file';
import { FakeSlotFile } from '../../../support/simulated/fake-slot-file';
import { MemoryStore } from '../../../support/simulated/memory-store';

/** The machine stops: this step and all later ones of the process fail. */
export class Crash extends Error {}

/** Counts the steps that touch a disk and stops the machine at one of them, before or after it was done. */
export class Machine {
  steps = 0;
  constructor(
    readonly crashAt: number,
    readonly isDoneFirst: boolean,
  ) {}

  async step(act: () => Promise<void>): Promise<void> {
    this.steps += 1;
    if (this.steps > this.crashAt) throw new Crash();
    if (this.steps < this.crashAt) return act();
    if (this.isDoneFirst) await act();
    throw new Crash();
  }
}

export class CrashingStore extends MemoryStore {
  constructor(readonly machine: Machine) {
    super();
  }

  override batch(operations: readonly StoreOperation[]): Promise<void> {
    return this.machine.step(() => super.batch(operations));
  }
}

export class CrashingFile extends FakeSlotFile implements SlotFile {
  constructor(readonly machine: Machine) {
    super();
  }

  override write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.machine.step(() => super.write(offset, bytes));
  }

  override sync(): Promise<void> {
    return this.machine.step(() => super.sync());
  }
}
