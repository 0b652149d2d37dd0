import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inParallel } from '../../network/local/src/processes/in-parallel';
import { DevLayout } from '../../network/local/dist/dev/dev-layout';
import { DevNetwork } from '../../network/local/dist/dev/dev-network';
import { HostileOrganisation } from './hostile-organisation';
import { footprintOf, type Footprint } from './node-footprint';
import { describeIf } from '../support/skip';

/** `npm run test:memory` names how many of each. */
const COUNT = Number(process.env['EKO_MEMORY'] ?? 0);
const AT_ONCE = 8;
const NAMES_OF_AN_IDENTITY = 50;
const WARM_UP = 50;

const MIB = 1024 * 1024;
/**
 * What members may cost a node, however often they ask: slots and pending places are counted, and the rest is what a
 * process takes for a while. A party keeps what waits for it, and of what is over at most 16 Mi characters.
 */
const BOUNDS = {
  party: { memoryBytes: 128 * MIB, diskBytes: 64 * MIB },
  others: { memoryBytes: 64 * MIB, diskBytes: 16 * MIB },
};

jest.setTimeout(3_600_000);

const title = `${COUNT} hostile requests and as many registrations`;
describeIf(COUNT > 0, 'npm run test:memory runs it', title, () => {
  let folder: string;
  let network: DevNetwork;
  let hostile: HostileOrganisation;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eko-memory-'));
    network = await DevNetwork.up({ directory: folder, env: process.env });
    hostile = await HostileOrganisation.join(new DevLayout(folder));
  });
  afterAll(async () => {
    hostile.close();
    await network.down();
    await rm(folder, { recursive: true });
  });

  const footprints = (): Map<string, Footprint> =>
    new Map(
      network.network.nodes.map(({ nodeId }) => {
        const pid = network.pidOf(nodeId);
        if (pid === undefined) throw new Error(`${nodeId} does not run any more`);
        return [nodeId, footprintOf(pid, network.layout.node(nodeId).data)];
      }),
    );
  const turns = (count: number): readonly number[] => Array.from({ length: count }, (_, turn) => turn);

  it('cost no node more than its bound', async () => {
    await inParallel(turns(WARM_UP), AT_ONCE, (turn) => hostile.request(turn));
    const before = footprints();
    await inParallel(turns(COUNT), AT_ONCE, (turn) => hostile.request(turn));
    await inParallel(turns(Math.ceil(COUNT / NAMES_OF_AN_IDENTITY)), AT_ONCE, (turn) =>
      hostile.registerWitnesses(turn, NAMES_OF_AN_IDENTITY),
    );
    const after = footprints();
    const beyond: string[] = [];
    const lines = network.network.nodes.map(({ nodeId, role }) => {
      const bound = role === 'party' ? BOUNDS.party : BOUNDS.others;
      const [was, is] = [before.get(nodeId)!, after.get(nodeId)!];
      const grown = {
        memoryBytes: is.memoryBytes - was.memoryBytes,
        diskBytes: is.diskBytes - was.diskBytes,
      };
      if (grown.memoryBytes > bound.memoryBytes || grown.diskBytes > bound.diskBytes) beyond.push(nodeId);
      const shown = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
      return [
        nodeId.padEnd(16),
        `memory ${shown(was.memoryBytes)} -> ${shown(is.memoryBytes)}`,
        `disk ${shown(was.diskBytes)} -> ${shown(is.diskBytes)}`,
      ].join('  ');
    });
    console.log([...lines, JSON.stringify(Object.fromEntries(hostile.answers))].join('\n'));
    expect(beyond).toEqual([]);
    expect(hostile.answers.get('NO_SLOT')).toBeGreaterThan(COUNT / 4);
    expect(hostile.answers.get('ROSTER_FULL')).toBeGreaterThan(COUNT / 2);
  });
});
