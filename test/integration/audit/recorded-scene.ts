import { newAttestation } from '@eko/protocol/crypto';
import { type AttestationRecord, type Destruction, type PermitRecord } from '@eko/protocol/ledger';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import { temporaryFolders } from '../../support/temporary-folder';
import { LiveNetwork } from '../../support/in-process/live-network';
import { PlantedHistory, type RecordedLog } from '../../history/planted-history';
import { WITNESSES, recordHistory, type RecordedHistory } from './recorded-history';

/** The ID of a bundle that nobody asked for. */
export const UNKNOWN_BUNDLE = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';
/** A hash of nothing that is there. */
export const OTHER_HASH = `${'x'.repeat(42)}A`;

const TIMEOUT_MS = 90_000;
const newFolder = temporaryFolders();

/** What a network really did, recorded once before the tests of a file, and what can be planted in copies of it. */
export class RecordedScene {
  #recorded: RecordedHistory | undefined;

  /** Records before the first test of the block that calls it, and stops the network after the last. */
  static prepare(): RecordedScene {
    const scene = new RecordedScene();
    let network: LiveNetwork | undefined;
    beforeAll(async () => {
      network = await LiveNetwork.start({ orchestrators: 2, witnesses: WITNESSES.length });
      scene.#recorded = await recordHistory(network, newFolder());
    }, TIMEOUT_MS);
    afterAll(() => network?.stop(), 30_000);
    return scene;
  }

  get recorded(): RecordedHistory {
    if (this.#recorded === undefined) throw new RangeError('nothing is recorded yet');
    return this.#recorded;
  }

  planted(): PlantedHistory {
    return new PlantedHistory(this.recorded.blocks, this.recorded.receipts);
  }

  /** The logs of those who released something. */
  logs(): readonly RecordedLog[] {
    return this.recorded.receipts.filter(({ lines }) => lines.length > 0);
  }

  firstReceipt(): ReleaseReceipt {
    const line = this.logs()[0]?.lines[0];
    if (line === undefined) throw new RangeError('nothing was released');
    return line.receipt;
  }

  /** A permit for stream 1 of the bundle that is half ended. */
  permitOf(change: Partial<PermitRecord>): PermitRecord {
    const { bundleId } = this.recorded.halfEnded.bundle;
    return {
      ...{ bundleId, epoch: 1, streams: [1], party: 'initiator', txId: OTHER_HASH, atUnixMs: 1 },
      ...change,
    };
  }

  attestationOf(nodeId: string, destructions: Destruction[]): AttestationRecord {
    const statement = { channel: 'live-channel', nodeId, destructions };
    const attestation = newAttestation(statement, this.recorded.signerOf(nodeId));
    return { attestations: [attestation], by: nodeId, txId: OTHER_HASH, atUnixMs: 1 };
  }
}

/** Expects a history to break these rules, and no others. */
export async function expectBroken(history: PlantedHistory, ...rules: readonly string[]): Promise<void> {
  expect(await history.brokenRules()).toEqual([...rules].sort());
}
