import { type StreamPolicy } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { EkoClient } from '@eko/sdk';
import { commandLine } from '../../support/in-process/command-line';
import { LiveNetwork } from '../../support/in-process/live-network';
import { startLiveParty } from '../../support/in-process/live-parties';

/** All witnesses are needed, so that no key can be had without the one that retires. */
const POLICY: StreamPolicy = {
  provider: 'provider',
  durationSeconds: 600,
  witnesses: { count: 3, quorum: 3, witnessesCanVerify: false, maxPerOrg: 3 },
  dealers: 2,
  onLedgerLoss: 'close',
};
const REQUEST = { dataType: 'telemetry', permissions: ['read'] };
const LEAVING = ['orchestrator-0', 'witness-0'];

describe('nodes that retire on a live network', () => {
  let network: LiveNetwork;
  let served: { readonly bundleId: string; readonly id: string };
  /** Requested of the provider, who answers only when the orchestrator is gone. */
  let unanswered: string;
  let key: string;

  const connect = (party: 'initiator' | 'provider' = 'initiator'): Promise<EkoClient> =>
    EkoClient.connect({
      ledger: network.party(party).ledger,
      keysDirectory: network.placesOf(party).keysDirectory,
      allowAddresses: ['127.0.0.0/8'],
    });
  /** A client starts with no key, so each time all dealers and witnesses are asked. */
  const collectedKey = async (): Promise<string> => {
    await using client = await connect();
    using exported = await client.stream(served.id).exportKey('archive', 32);
    return exported.use((bytes) => Buffer.from(bytes).toString('hex'));
  };
  /** Requests until the orchestrator that will retire is among those that are to deal. */
  const requestOf = async (client: EkoClient): Promise<typeof served> => {
    for (;;) {
      const { bundleId, id } = await client.requestStream(POLICY, REQUEST);
      const [assignment] = client.bundles.get(bundleId)?.assignments ?? [];
      if (assignment?.orchestrators.includes('orchestrator-0') === true) return { bundleId, id };
    }
  };
  const retire = (nodeId: string) =>
    commandLine([
      ...['node', 'retire', nodeId, '--yes', '--json'],
      ...['--profile', network.placesOf(nodeId).ledgerProfile],
    ]);

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 3, witnesses: 3 });
    await using client = await connect();
    served = await requestOf(client);
    unanswered = (await client.requestStream(POLICY, { ...REQUEST, dataType: 'letters' })).bundleId;
    await client.stream(served.id).whenActive();
    key = await collectedKey();
    for (const nodeId of LEAVING)
      expect(await retire(nodeId)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('"outcome":"retired"') as string,
      });
  }, 150_000);
  afterAll(() => network.stop(), 30_000);

  it('still serve the streams that they hold something of', async () => {
    expect(await collectedKey()).toBe(key);
  }, 60_000);

  it('do so also after a restart', async () => {
    for (const nodeId of LEAVING) {
      await network.stopNode(nodeId);
      await network.startNode(nodeId);
    }
    expect(await collectedKey()).toBe(key);
  }, 60_000);

  it('get no part in what is requested afterwards', async () => {
    await expect(network.request({ policy: POLICY })).rejects.toMatchObject({ code: 'POLICY_UNSATISFIABLE' });
    const witnesses = { ...POLICY.witnesses, count: 2, quorum: 2 };
    const bundleId = await network.request({ policy: { ...POLICY, witnesses } });
    const { assignments, dealings } = await network.until(bundleId, (view) => view.dealings.length > 0);
    expect([...(dealings[0]?.selection.witnesses ?? [])].sort()).toEqual(['witness-1', 'witness-2']);
    expect([...(assignments[0]?.orchestrators ?? [])].sort()).toEqual(['orchestrator-1', 'orchestrator-2']);
  }, 60_000);

  it('are not assigned to what was requested before they left and is accepted afterwards', async () => {
    await using provider = await connect('provider');
    await provider.accept(unanswered);
    const { assignments, dealings } = await network.until(unanswered, (view) => view.dealings.length > 0);
    expect([...(assignments[0]?.orchestrators ?? [])].sort()).toEqual(['orchestrator-1', 'orchestrator-2']);
    const dealers = (dealings[0]?.dealings ?? []).map(({ dealer }) => dealer);
    expect(dealers.sort()).toEqual(['orchestrator-1', 'orchestrator-2']);
  }, 60_000);

  it('do not start again where they are parties', async () => {
    await network.join('leaving', 'party');
    await retire('leaving');
    await expect(startLiveParty(network, 'leaving').then((party) => party.stop())).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('retired') as string,
    });
  }, 60_000);

  it('destroy and attest at the end as others do', async () => {
    await network
      .party('provider')
      .ledger.submit(TRANSACTIONS.revokeStream, { bundleId: served.bundleId, streams: 'all' });
    await network.untilAttested(served.bundleId, LEAVING);
  }, 60_000);
});
