import { SecretBytes } from '@eko/protocol';
import { newEd25519Signer, systemRandom } from '@eko/protocol/node';
import { StoredReceipts, listReceipts } from '../../../../network/witness/src/service/stored-receipts';
import { BUNDLE_ID, hash, txId } from '../../../support/data/ledger-facts';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { rejectionOf } from '../../../support/coded-error';

const RELEASE = {
  channel: 'testchannel',
  witness: 'witness-a',
  party: 'initiator',
  bundleId: BUNDLE_ID,
  epoch: 1,
  fence: 0,
  activationTxId: txId(1),
  permitTxId: txId(2),
  streams: [0],
  entriesHash: hash('e'),
  atUnixMs: 1_000_700,
};

describe('the receipts of a witness', () => {
  it('go on after a full disk from the last that was written, in one chain', async () => {
    const store = new MemoryStore();
    const seed = new SecretBytes('sign seed', new Uint8Array(32).fill(4));
    const log = await StoredReceipts.open(store, newEd25519Signer(seed), systemRandom);
    await log.append(RELEASE);
    store.isFull = true;
    const refused = [log.append(RELEASE), log.append(RELEASE)].map((write) => rejectionOf(write));
    expect((await Promise.all(refused)).map(({ code }) => code)).toEqual(['STORE_FULL', 'STORE_FULL']);
    store.isFull = false;
    await Promise.all([log.append(RELEASE), log.append(RELEASE)]);
    const sequences: number[] = [];
    for await (const { receipt } of listReceipts(store)) sequences.push(receipt.sequence);
    expect(sequences).toEqual([1, 2, 3]);
  });
});
