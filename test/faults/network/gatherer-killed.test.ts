import { EVENTS, TRANSACTIONS, type BundleView } from '@eko/protocol/ledger';
import { ProcessNetwork } from '../../support/processes/process-network';

const ORCHESTRATORS = ['orchestrator-1', 'orchestrator-2'] as const;
const WAITING = 'eko_orchestrator_waiting_attestations';
/** Whoever gathers submits nothing for as long as a test takes. */
const DROPPING = { gatherMs: 60_000, heartbeatMs: 500 };
const DEADLINE_MS = 45_000;

const holdersOf = ({ bundle, dealings }: BundleView): readonly string[] => [
  bundle.initiator,
  bundle.policy.provider,
  ...dealings.flatMap(({ selection, dealings: dealt }) => [
    ...selection.witnesses,
    ...dealt.map(({ dealer }) => dealer),
  ]),
];

describe('attestations whose gatherer does not submit them', () => {
  let network: ProcessNetwork;

  beforeAll(async () => {
    const settings = Object.fromEntries(ORCHESTRATORS.map((nodeId) => [nodeId, DROPPING]));
    network = await ProcessNetwork.start({ settings });
  }, 60_000);
  afterAll(() => network.stop(), 30_000);

  /** A bundle that is active, with who holds something of it and who gathers. */
  async function activeBundle() {
    const { bundleId } = await network.request();
    const view = await network.until(bundleId, 'active');
    return { bundleId, holders: holdersOf(view), lead: view.dealings[0]?.by ?? '' };
  }

  const end = (bundleId: string) =>
    network.initiator.ledger.submit(TRANSACTIONS.endStream, {
      bundleId,
      streams: 'all',
      reason: 'completed',
    });

  /** Who submitted the first attestation of each of these nodes, once all are on the ledger. */
  async function submittersOf(bundleId: string, nodeIds: readonly string[]) {
    const found = new Map<string, string>();
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(DEADLINE_MS)]);
    for await (const event of network.initiator.ledger.events({ signal })) {
      if (event.name !== EVENTS.destructionAttested) continue;
      const { attestations, by } = event.payload.record;
      for (const { nodeId, destructions } of attestations)
        if (!found.has(nodeId) && destructions.some((each) => each.bundleId === bundleId))
          found.set(nodeId, by);
      if (nodeIds.every((nodeId) => found.has(nodeId))) enough.abort();
    }
    return found;
  }

  const eachItself = (nodeIds: readonly string[]) => new Map(nodeIds.map((nodeId) => [nodeId, nodeId]));
  const sorted = (submitters: ReadonlyMap<string, string>) => [...submitters].sort();

  it('are submitted by their own nodes where it takes them and drops them', async () => {
    const { bundleId, holders } = await activeBundle();
    await end(bundleId);
    expect(sorted(await submittersOf(bundleId, holders))).toEqual(sorted(eachItself(holders)));
  }, 120_000);

  it('are submitted by their own nodes where it is killed with them, its own once it is back', async () => {
    const { bundleId, holders, lead } = await activeBundle();
    await end(bundleId);
    await network.untilMetric(lead, WAITING, 2);
    await network.kill(lead);
    const others = holders.filter((nodeId) => nodeId !== lead);
    expect(sorted(await submittersOf(bundleId, others))).toEqual(sorted(eachItself(others)));
    await network.restart(lead);
    expect((await submittersOf(bundleId, holders)).get(lead)).toBe(lead);
    expect(network.lost).toEqual([]);
  }, 120_000);
});
