import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, streamStateOf, type BundleView } from '@eko/protocol/ledger';
import { gatewayError } from '../../../client-sdk/sdk/src/ledger/gateway-errors';
import { EndorsingClient } from '../../support/processes/endorsed-transactions';
import { ProcessNetwork } from '../../support/processes/process-network';
import { until } from '../../support/until';

const BUNDLES = 6;
/** Of the second organisation, which runs two; each of the others runs one. */
const DISHONEST = ['orchestrator-2', 'orchestrator-3'] as const;
const SETTLED_MS = 90_000;
const orchestrator = (nodeId: string, organisation: number) =>
  ({
    nodeId,
    role: 'orchestrator',
    mspId: `Org${organisation}MSP`,
    zone: 'zone',
    isProvider: false,
  }) as const;

const dealersOf = ({ dealings }: BundleView): readonly string[] =>
  dealings.flatMap((record) => record.dealings.map(({ dealer }) => dealer));
const isDishonest = (nodeId: string): boolean => DISHONEST.some((each) => each === nodeId);
const isSettled = (view: BundleView): boolean => ['active', 'ended'].includes(streamStateOf(view, 0));

describe('two-dealer streams of three organisations', () => {
  let network: ProcessNetwork;

  beforeAll(async () => {
    network = await ProcessNetwork.start({
      moreNodes: [orchestrator('orchestrator-3', 2), orchestrator('orchestrator-4', 3)],
    });
  }, 120_000);
  afterAll(() => network.stop(), 30_000);

  const request = async (): Promise<readonly string[]> => {
    const bundles = await Promise.all(Array.from({ length: BUNDLES }, () => network.request()));
    return bundles.map(({ bundleId }) => bundleId);
  };
  const readAll = (bundleIds: readonly string[]): Promise<BundleView[]> =>
    Promise.all(bundleIds.map((bundleId) => network.read(bundleId)));

  it('never have all dealers of one that stalls, replaces whom it can and is ahead of the time', async () => {
    network.freeze(...DISHONEST);
    const { profile } = network.processes.layout.node(DISHONEST[1]);
    const attacker = await EndorsingClient.open(profile);
    /** Whatever the ledger says to it: the next look shows what came of it. */
    const replace = async ({ bundle: { bundleId }, assignments }: BundleView): Promise<string> => {
      const argument = { bundleId, fence: assignments.length - 1 };
      try {
        const name = TRANSACTIONS.reassignOrchestrators;
        const endorsed = await attacker.endorse(name, argument, LIMITS.leaseSkewMs);
        return String(await endorsed.commit());
      } catch (error) {
        return gatewayError(error, 'endorse').code;
      }
    };
    try {
      const bundleIds = await request();
      const answers = new Set<string>();
      let views: BundleView[] = [];
      await until(
        'every bundle is settled',
        async () => {
          views = await readAll(bundleIds);
          for (const view of views.filter((each) => !isSettled(each))) answers.add(await replace(view));
          return views.every(isSettled);
        },
        SETTLED_MS,
      );
      // It was too early at first, and had its way with the time later; nobody else was there before it.
      expect([...answers]).toEqual(expect.arrayContaining(['NOT_OVERDUE', '0']));
      for (const view of views) {
        for (const { orchestrators } of view.assignments)
          expect(orchestrators.every(isDishonest)).toBe(false);
        expect(dealersOf(view).every(isDishonest)).toBe(view.ends.some(({ reason }) => reason === 'failed'));
      }
    } finally {
      attacker.close();
      network.thawAll();
    }
  }, 150_000);

  it('all become active while one organisation is down', async () => {
    await network.kill('orchestrator-4');
    const bundleIds = await request();
    let views: BundleView[] = [];
    await until(
      'every bundle is settled',
      async () => {
        views = await readAll(bundleIds);
        return views.every(isSettled);
      },
      SETTLED_MS,
    );
    for (const view of views) {
      expect(streamStateOf(view, 0)).toBe('active');
      expect(dealersOf(view)).not.toContain('orchestrator-4');
    }
    expect(await network.keysAgree(bundleIds[0] ?? '')).toBe(true);
  }, 150_000);
});
