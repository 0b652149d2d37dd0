import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FabricLayout } from '../../../../../network/local/src/fabric/plan/fabric-layout';
import {
  continuedPlan,
  newPlan,
  readPlan,
  writePlan,
  type FabricChoices,
  type FabricPlan,
} from '../../../../../network/local/src/fabric/plan/fabric-plan';
import { portsOf, topologyOf } from '../../../../../network/local/src/fabric/plan/topology';

const failing = (code: string) => expect.objectContaining({ code }) as Error;

describe('the plan of a Fabric network', () => {
  it.each<FabricChoices>([
    { organisations: 1 },
    { organisations: 4 },
    { peersPerOrganisation: 3 },
    { basePort: 80 },
    { blockTimeoutMs: 0 },
    { channels: [] },
    { channels: ['Upper'] },
    { channels: ['twice', 'twice'] },
    { endorsementPolicy: '' },
  ])('refuses %j', (choices) => {
    expect(() => newPlan('3.1.5', choices)).toThrow(failing('INVALID_ARGUMENT'));
  });

  it('gives every process ports of its own, from the base port on', () => {
    for (const consensus of ['raft', 'bft'] as const) {
      const plan = newPlan('3.1.5', { consensus, organisations: 3, peersPerOrganisation: 2 });
      const { orderers, peers } = topologyOf(plan);
      const ports = portsOf(topologyOf(plan));
      expect(ports).toHaveLength(3 * orderers.length + 5 * peers.length);
      expect(new Set(ports).size).toBe(ports.length);
      expect(Math.min(...ports)).toBe(plan.basePort + 10);
    }
  });

  it('takes more channels later, and nothing else', () => {
    const made = newPlan('3.1.4', { organisations: 2, channels: ['one'] });
    expect(continuedPlan(made, '3.1.5', { organisations: 2, channels: ['two', 'one'] }).channels).toEqual([
      'one',
      'two',
    ]);
    for (const choice of [
      { organisations: 3 },
      { basePort: 9_000 },
      { endorsementPolicy: "OR('Org1MSP.peer')" },
    ]) {
      expect(() => continuedPlan(made, '3.1.5', choice)).toThrow(failing('BAD_STATE'));
    }
  });

  it('stays with its line of Fabric', () => {
    expect(() => continuedPlan(newPlan('2.5.16', {}), '3.1.5', {})).toThrow(failing('BAD_STATE'));
  });

  describe('on disk', () => {
    let layout: FabricLayout;

    beforeEach(async () => {
      layout = new FabricLayout(await mkdtemp(join(tmpdir(), 'eko-fabric-plan-')));
    });

    afterEach(async () => {
      await rm(layout.directory, { recursive: true });
    });

    it('is read as it was written', async () => {
      expect(await readPlan(layout)).toBeUndefined();
      const plan: FabricPlan = newPlan('3.1.5', {
        consensus: 'bft',
        endorsementPolicy: "OR('Org1MSP.peer')",
      });
      await writePlan(layout, plan);
      expect(await readPlan(layout)).toEqual(plan);
    });

    it('is not called changed because it cannot be read', async () => {
      expect(await readPlan(layout)).toBeUndefined();
      await mkdir(layout.planFile, { recursive: true });
      await expect(readPlan(layout)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    });

    it.each(['', '{', '{"version":2}', '[]'])('is not taken from %j', async (text) => {
      await writeFile(layout.planFile, text);
      await expect(readPlan(layout)).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    });
  });
});
