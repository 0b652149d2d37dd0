import '@eko/embedded-ledger';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS, TRANSACTIONS, type BundleView, type ReceiptHead } from '@eko/protocol/ledger';
import { NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { NodeDirectory } from '@eko/sdk/node';
import { temporaryFolders } from '../../support/temporary-folder';
import { LiveNetwork } from '../../support/in-process/live-network';

const newFolder = temporaryFolders();
const WITNESS = 'witness-0';

describe('a witness whose receipts are gone', () => {
  let network: LiveNetwork;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 3 });
  }, 60_000);
  afterAll(() => network.stop(), 30_000);

  const data = (): string => network.placesOf(WITNESS).dataDirectory;
  const isDealt = (view: BundleView): boolean => view.dealings.length > 0;

  /** Every head that the witness has named on the ledger, in its order. */
  async function headsOnLedger(): Promise<readonly ReceiptHead[]> {
    const { ledger } = network.party('initiator');
    const { txId } = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'initiator' });
    const heads: ReceiptHead[] = [];
    const over = new AbortController();
    for await (const event of ledger.events({ signal: over.signal })) {
      if (event.txId === txId) over.abort();
      if (event.name === EVENTS.heartbeat && event.payload.nodeId === WITNESS)
        heads.push(...[event.payload.receipts ?? []].flat());
      if (event.name !== EVENTS.destructionAttested) continue;
      for (const { nodeId, receipts } of event.payload.record.attestations)
        if (nodeId === WITNESS && receipts !== undefined) heads.push(receipts);
    }
    return heads;
  }

  /** Lets the witness release once, and attest: the ledger then has its first receipt. */
  async function releaseAndEnd(): Promise<void> {
    const { ledger, client } = network.party('initiator');
    const bundleId = await network.request();
    const view = await network.until(bundleId, isDealt);
    await client.call({
      node: (await NodeDirectory.load(ledger)).require(WITNESS),
      route: NODE_ROUTES.release,
      body: { bundleId, epoch: 1, streams: [0], permitTxId: view.dealings[0]?.txId ?? '' },
      answerSchema: ReleaseAnswer,
      deadlineMs: 10_000,
    });
    await ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
    await network.untilAttested(bundleId, [WITNESS]);
    // Others may have submitted that: what the ledger goes by is what the witness says itself.
    const shown = new AbortController();
    for await (const { name, payload } of ledger.events({ signal: shown.signal }))
      if (name === EVENTS.heartbeat && payload.nodeId === WITNESS && payload.receipts?.number === 1)
        shown.abort();
  }

  it('has named its log from its first start on, also before there was a receipt', async () => {
    const [first, ...more] = await headsOnLedger();
    expect(first?.number).toBe(0);
    await network.stopNode(WITNESS);
    await network.startNode(WITNESS);
    expect(await headsOnLedger()).toEqual([first, ...more, first]);
  });

  it('does not start with an empty store, even where nothing was released', async () => {
    const kept = join(newFolder(), 'data');
    await network.stopNode(WITNESS);
    await rename(data(), kept);
    await expect(network.startNode(WITNESS)).rejects.toMatchObject({ code: 'RECEIPTS_LOST' });
    await rm(data(), { recursive: true });
    await rename(kept, data());
    await network.startNode(WITNESS);
  });

  it('does not start with an older copy, says what to do, and starts with the store that it had', async () => {
    const copies = newFolder();
    await network.stopNode(WITNESS);
    await cp(data(), join(copies, 'old'), { recursive: true });
    await network.startNode(WITNESS);
    await releaseAndEnd();
    expect((await headsOnLedger()).at(-1)?.number).toBe(1);

    await network.stopNode(WITNESS);
    await rename(data(), join(copies, 'present'));
    await cp(join(copies, 'old'), data(), { recursive: true });
    await expect(network.startNode(WITNESS)).rejects.toMatchObject({
      code: 'RECEIPTS_LOST',
      message: expect.stringContaining('retire it and register another witness') as string,
    });
    await rm(data(), { recursive: true });
    await rename(join(copies, 'present'), data());
    await network.startNode(WITNESS);
    expect((await headsOnLedger()).at(-1)?.number).toBe(1);
  });
});
