import {
  TRANSACTIONS,
  type Attestation,
  type BundleRecord,
  type DealingsRecord,
  type Destruction,
} from '@eko/protocol/ledger';
import { newEd25519Signer } from '@eko/protocol/node';
import type { HarnessOutcome } from '@eko/embedded-ledger';
import { randomBytes } from 'node:crypto';
import { StoredReceipts, listReceipts } from '../../network/witness/src/service/stored-receipts';
import type { SignedReceipt } from '../../network/witness/src/service/stored-receipts';
import { CHANNEL, type EkoLedger } from '../support/contracts/eko-ledger';
import { signedAttestation } from '../support/contracts/test-attestations';
import type { TestNode } from '../support/contracts/test-node';
import { hash } from '../support/data/ledger-facts';
import { MemoryStore } from '../support/simulated/memory-store';

/** A witness of a made-up history: its real log of receipts, and what it says of it on the ledger. */
export class HistoryWitness {
  readonly node: TestNode;
  readonly #ledger: EkoLedger;
  readonly #store: MemoryStore;
  readonly #log: StoredReceipts;
  readonly #served = new Set<string>();

  private constructor(node: TestNode, ledger: EkoLedger, store: MemoryStore, log: StoredReceipts) {
    this.node = node;
    this.#ledger = ledger;
    this.#store = store;
    this.#log = log;
  }

  /** Starts it, which shows its log on the ledger. */
  static async start(node: TestNode, ledger: EkoLedger): Promise<HistoryWitness> {
    const store = new MemoryStore();
    const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
    const log = await StoredReceipts.open(store, newEd25519Signer(node.seeds.sign), random);
    const witness = new HistoryWitness(node, ledger, store, log);
    await witness.beat();
    return witness;
  }

  /** Shows itself, as at a start. */
  beat(): Promise<HarnessOutcome> {
    const { identity, nodeId } = this.node;
    return this.#ledger.submit(identity, TRANSACTIONS.heartbeat, { nodeId, receipts: this.#log.head });
  }

  /** Releases what it serves of these streams on a permit, once. */
  async release(release: {
    readonly bundle: BundleRecord;
    readonly record: DealingsRecord;
    readonly permitTxId: string;
    readonly party: string;
    readonly streams: readonly number[];
    readonly atUnixMs: number;
  }): Promise<void> {
    const { bundle, record, permitTxId, party, atUnixMs } = release;
    const { bundleId } = bundle;
    if (!record.selection.witnesses.includes(this.node.nodeId)) return;
    const streams = release.streams.filter((index) => {
      const use = `${permitTxId} ${party} ${index}`;
      if (this.#served.has(use)) return false;
      this.#served.add(use);
      return true;
    });
    if (streams.length === 0) return;
    await this.#log.append({
      channel: CHANNEL,
      witness: this.node.nodeId,
      party,
      bundleId,
      epoch: record.epoch,
      fence: record.fence,
      activationTxId: record.txId,
      permitTxId,
      streams,
      entriesHash: hash('e'),
      atUnixMs,
    });
  }

  /** Attests what it is to have destroyed. */
  attest(...destructions: Destruction[]): Promise<HarnessOutcome> {
    const argument = { attestations: [this.attestation(...destructions)] };
    return this.#ledger.submit(this.node.identity, TRANSACTIONS.attestDestruction, argument);
  }

  /** The same, for another to submit. */
  attestation(...destructions: Destruction[]): Attestation {
    return signedAttestation(this.node, destructions, { receipts: this.#log.head });
  }

  /** Every receipt, as it is exported. */
  async receipts(): Promise<SignedReceipt[]> {
    const all: SignedReceipt[] = [];
    for await (const receipt of listReceipts(this.#store)) all.push(receipt);
    return all;
  }
}
