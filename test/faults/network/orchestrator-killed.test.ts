import type { BundleView, EndRecord } from '@eko/protocol/ledger';
import { ProcessNetwork } from '../../support/processes/process-network';

const ORCHESTRATORS = ['orchestrator-1', 'orchestrator-2'] as const;
const WITNESSES = ['witness-1', 'witness-2', 'witness-3', 'witness-4', 'witness-5'] as const;
/** The one witness that goes on while the others stand still: its count shows that deliveries are under way. */
const [PROBE, ...OTHERS] = WITNESSES;
const TAKEN = 'eko_witness_envelopes_taken_total';
const TRIED = 'eko_orchestrator_transactions_total{transaction="dealings:RecordDealings"';
const RECORDED = `${TRIED},code="OK"}`;
const DEALT = 'eko_orchestrator_dealings_total';

/** After this long the request of a dealer that stays away ends; longer than a lease and a take-over. */
const SETUP_MS = 22_000;
const TIMES = { leadSilenceMs: 1_000, setupMs: SETUP_MS, heartbeatMs: 500 };

const otherThan = (nodeId: string): string => ORCHESTRATORS.find((each) => each !== nodeId) ?? '';
const dealersOf = (view: BundleView): readonly string[] =>
  view.dealings.flatMap(({ dealings }) => dealings.map(({ dealer }) => dealer));
const endsOf = (view: BundleView): readonly Pick<EndRecord, 'reason'>[] => view.ends;

describe('orchestrator processes that are killed or stand still', () => {
  let network: ProcessNetwork;

  beforeAll(async () => {
    network = await ProcessNetwork.start({
      settings: Object.fromEntries(ORCHESTRATORS.map((nodeId) => [nodeId, TIMES])),
    });
  }, 60_000);
  afterEach(async () => {
    network.thawAll();
    expect(await network.unsettled()).toEqual([]);
    expect(network.lost).toEqual([]);
  });
  afterAll(() => network.stop(), 30_000);

  /** Requests a bundle whose dealing is under way at both dealers and cannot finish: four witnesses stand still. */
  async function halfDealt(change?: Parameters<ProcessNetwork['request']>[0]) {
    const before = await network.metric(PROBE, TAKEN);
    network.freeze(...OTHERS);
    const requested = await network.request(change);
    await network.untilMetric(PROBE, TAKEN, before + requested.orchestrators.length);
    const [lead = ''] = requested.orchestrators;
    return { ...requested, lead };
  }

  async function disconnectParties(): Promise<void> {
    await Promise.all([network.initiator.disconnect(), network.provider.disconnect()]);
  }

  async function connectParties(): Promise<void> {
    await Promise.all([network.initiator.connect(), network.provider.connect()]);
  }

  it('deal a request that was committed when its lead was killed', async () => {
    network.freeze(...ORCHESTRATORS);
    const { bundleId, orchestrators } = await network.request();
    const [lead = ''] = orchestrators;
    await network.kill(lead);
    network.thaw(otherThan(lead));
    expect((await network.read(bundleId)).dealings).toEqual([]);

    await network.restart(lead);
    await network.until(bundleId, 'active');
    expect(await network.keysAgree(bundleId)).toBe(true);
  }, 60_000);

  it('deal anew what was half delivered when its lead was killed, and leave nothing of the first dealing', async () => {
    const { bundleId, lead } = await halfDealt();
    await network.kill(lead);
    network.thaw(...OTHERS);
    expect((await network.read(bundleId)).dealings).toEqual([]);

    await network.restart(lead);
    const { dealings } = await network.until(bundleId, 'active');
    expect(await network.keysAgree(bundleId)).toBe(true);
    const [record] = dealings;
    await network.kill(PROBE);
    const { names } = await network.sharesOnDisk(PROBE, bundleId);
    expect(names).toHaveLength(record?.dealings.length ?? 0);
    for (const { dealingId } of record?.dealings ?? [])
      expect(names.filter((name) => name.includes(dealingId))).toHaveLength(1);
    await network.restart(PROBE);
  }, 60_000);

  it('finish or deal anew what was delivered to everybody, but not recorded, when its lead was killed', async () => {
    const { bundleId, lead } = await halfDealt();
    const dealt = await network.metric(lead, DEALT);
    network.freeze('ledger');
    network.thaw(...OTHERS);
    await network.untilMetric(lead, DEALT, dealt + 1);
    await network.kill(lead);
    network.thaw('ledger');
    expect((await network.read(bundleId)).dealings).toEqual([]);

    await network.restart(lead);
    const { dealings } = await network.until(bundleId, 'active');
    expect(dealings).toHaveLength(1);
    expect(await network.keysAgree(bundleId)).toBe(true);
  }, 60_000);

  it('give the parties and late witnesses their envelopes although all dealers were killed once they were recorded', async () => {
    await disconnectParties();
    const late = OTHERS[0];
    const taken = await network.metric(late, TAKEN);
    network.freeze(late);
    const { bundleId } = await network.request();
    await network.until(bundleId, 'active');
    await network.kill(...ORCHESTRATORS);
    network.thaw(late);

    await network.restart(...ORCHESTRATORS);
    await network.untilMetric(late, TAKEN, taken + 2);
    await connectParties();
    expect(await network.keysAgree(bundleId)).toBe(true);
  }, 60_000);

  it('are replaced after their lease, fenced when they go on, and a request that needs them ends as failed', async () => {
    // A party's client would help: here the orchestrators are alone.
    await disconnectParties();
    const { bundleId, lead: frozen } = await halfDealt({ dealers: 1 });
    const dealt = await network.metric(frozen, DEALT);
    const recorded = await network.metric(frozen, RECORDED);
    const tried = await network.metric(frozen, TRIED);
    // It stands still with its dealing on the way to the ledger.
    network.freeze('ledger');
    network.thaw(...OTHERS);
    await network.untilMetric(frozen, DEALT, dealt + 1);
    network.freeze(frozen);
    network.thaw('ledger');
    const needsBoth = await network.request();
    const other = otherThan(frozen);

    const taken = await network.until(bundleId, 'active', SETUP_MS + 10_000);
    expect(taken.assignments.at(-1)?.orchestrators).toEqual([other]);
    expect(dealersOf(taken)).toEqual([other]);
    const failed = await network.until(needsBoth.bundleId, 'ended', SETUP_MS + 10_000);
    expect(endsOf(failed)).toMatchObject([{ reason: 'failed' }]);
    expect(dealersOf(failed)).toEqual([]);

    network.thaw(frozen);
    await network.untilMetric(frozen, TRIED, tried + 1);
    expect(await network.metric(frozen, RECORDED)).toBe(recorded);
    await connectParties();
    const next = await network.request();
    await network.until(next.bundleId, 'active');
    expect(dealersOf(await network.read(bundleId))).toEqual([other]);
    expect(await network.keysAgree(bundleId)).toBe(true);
    expect(await network.keysAgree(next.bundleId)).toBe(true);
  }, 120_000);
});
