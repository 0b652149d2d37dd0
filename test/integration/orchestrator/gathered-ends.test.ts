import { EVENTS, TRANSACTIONS, type AttestationRecord, type BundleView } from '@eko/protocol/ledger';
import { LiveNetwork } from '../../support/in-process/live-network';

jest.setTimeout(120_000);

describe('the ends of several bundles', () => {
  let network: LiveNetwork;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 4 });
  });
  afterAll(() => network.stop());

  const isDealt = (view: BundleView): boolean => view.dealings.length > 0;

  /** Every record of attestations on the ledger so far. */
  async function attestations(): Promise<readonly AttestationRecord[]> {
    const { ledger } = network.party('initiator');
    const { txId } = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'initiator' });
    const records: AttestationRecord[] = [];
    const over = new AbortController();
    for await (const event of ledger.events({ signal: over.signal })) {
      if (event.txId === txId) over.abort();
      if (event.name === EVENTS.destructionAttested) records.push(event.payload.record);
    }
    return records;
  }

  it('are attested by all holders in few transactions, which who led them submits', async () => {
    const bundleIds = [await network.request(), await network.request(), await network.request()];
    const views: BundleView[] = [];
    for (const bundleId of bundleIds) views.push(await network.until(bundleId, isDealt));
    const { ledger } = network.party('provider');
    await Promise.all(
      bundleIds.map((bundleId) => ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' })),
    );
    let owed = 0;
    for (const { bundle, dealings } of views) {
      const holders = dealings.flatMap(({ selection, dealings: dealt }) => [
        ...selection.witnesses,
        ...dealt.map(({ dealer }) => dealer),
      ]);
      owed += holders.length;
      await network.untilAttested(bundle.bundleId, holders);
    }
    const records = await attestations();
    expect(records.length).toBeLessThan(owed / 2);
    const leads = new Set(views.map(({ dealings }) => dealings[0]?.by));
    const gathered = records.filter(
      (record) => new Set(record.attestations.map((each) => each.nodeId)).size > 1,
    );
    expect(gathered).not.toEqual([]);
    for (const { by } of gathered) expect(leads).toContain(by);
  });
});
