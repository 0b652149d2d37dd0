import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eko, ekoJson } from '../support/processes/eko-process';
import { checkedHistory } from './checked-history';
import { FAULT_POLICY, ProcessNetwork } from '../support/processes/process-network';
import { SteadyTraffic } from './steady-traffic';
import { until } from '../support/until';
import { CONSENSUS } from './chosen-consensus';
import { FabricFaults } from './fabric-faults';
import { freeBasePort } from './free-base-port';

/** How long what a fault held up may take once all is well again. */
export const SETTLE_MS = 90_000;
/** What streams carry here; the provider's standing offer takes it. */
export const FILE_REQUEST = { dataType: 'file', permissions: ['read', 'write'] };

/** The network that the tests of one file hurt. */
export interface FaultyNetwork {
  readonly network: ProcessNetwork;
  readonly fabric: FabricFaults;
  /** A new active bundle, requested through the client: a leader that is gone may have lost a first attempt. */
  activeBundle(streams?: number): Promise<string>;
  /** Whether a new stream becomes active and both parties have its key. */
  isServing(): Promise<boolean>;
}

/**
 * One native Fabric network of three organisations with EKO's processes on it, for all tests of a `describe`. Streams
 * come and go during each test; after it all is healed, every request must settle and the history must hold.
 *
 * @returns the network, once the tests run
 */
export function faultyNetwork(): () => FaultyNetwork {
  let here: readonly string[] = [];
  let started: FaultyNetwork | undefined;
  let traffic: SteadyTraffic;

  const running = (): FaultyNetwork => {
    if (started === undefined) throw new RangeError('the network is not up');
    return started;
  };

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'eko-faults-fabric-'));
    here = ['--directory', directory];
    const basePort = String(await freeBasePort());
    await ekoJson('fabric', 'up', ...here, '--base-port', basePort, '--consensus', CONSENSUS);
    const network = await ProcessNetwork.start({ ledger: { kind: 'fabric', directory } });
    const fabric = new FabricFaults(directory, network.processes.network.channel);
    const activeBundle = (streams?: number): Promise<string> => newActiveBundle(network, streams);
    started = {
      network,
      fabric,
      activeBundle,
      isServing: async () => network.keysAgree(await activeBundle()),
    };
  });
  beforeEach(() => {
    traffic = SteadyTraffic.start(running().network);
  });
  afterEach(async () => {
    const { network, fabric } = running();
    // What a failed test left hurt must not fail the next.
    await fabric.heal();
    await traffic.stop();
    expect(traffic.unexplained).toEqual([]);
    expect(traffic.acknowledged).toBeGreaterThan(0);
    await until('every request settles', async () => (await network.unsettled()).length === 0, SETTLE_MS);
    const { violations, streams, pending, receipts, ledger, chain } = await checkedHistory(network);
    expect(violations).toEqual([]);
    expect(pending).toEqual([]);
    expect(streams.active + streams.ended).toBeGreaterThanOrEqual(network.acknowledgedBundles.length);
    expect(receipts.read).toBeGreaterThan(0);
    expect(ledger.valid).toBeGreaterThan(0);
    expect(chain.isSignedByOrderers).toBe(true);
    expect(network.lost).toEqual([]);
  });
  afterAll(async () => {
    await started?.network.stop();
    await eko('fabric', 'down', ...here);
    expect((await eko('fabric', 'reset', ...here)).status).toBe(0);
  });
  return running;
}

async function newActiveBundle(network: ProcessNetwork, streams = 1): Promise<string> {
  const requests = Array.from({ length: streams }, () => FILE_REQUEST);
  const bundleId = randomUUID();
  await network.initiator.client.requestStreams(FAULT_POLICY, requests, { bundleId });
  network.acknowledged(bundleId);
  await network.until(bundleId, 'active', SETTLE_MS);
  return bundleId;
}
