import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ephemeralPorts,
  refuseEphemeralPorts,
} from '../../../../../network/local/src/fabric/plan/ephemeral-ports';
import { newPlan } from '../../../../../network/local/src/fabric/plan/fabric-plan';
import { portsOf, topologyOf } from '../../../../../network/local/src/fabric/plan/topology';

const LINUX = { first: 32_768, last: 60_999 };
const planAt = (basePort: number) => newPlan('3.1.5', { basePort });
const span = Math.max(...portsOf(topologyOf(planAt(20_000)))) - 20_000;
const refusalOf = (basePort: number, range = LINUX) => {
  try {
    refuseEphemeralPorts(planAt(basePort), range);
  } catch (error) {
    return error as Error;
  }
  return undefined;
};

describe('the ports that the system gives to connections', () => {
  it('are refused to a network, however few of its own are among them', () => {
    const most = LINUX.first - 1 - span;
    expect(refusalOf(most)).toBeUndefined();
    expect(refusalOf(LINUX.last + 1)).toBeUndefined();
    for (const basePort of [most + 1, LINUX.first, 45_000, LINUX.last - 10])
      expect(refusalOf(basePort)).toMatchObject({ code: 'INVALID_ARGUMENT', details: { basePort } });
  });

  it('come with what to choose instead', () => {
    expect(refusalOf(40_000)?.message).toMatch(
      new RegExp(`Choose a --base-port of at most ${LINUX.first - 1 - span} or above 60999$`),
    );
    expect(refusalOf(50_000, { first: 49_152, last: 65_535 })?.message).toMatch(/of at most [0-9]+$/);
    expect(refusalOf(20_000, { first: 1_024, last: 40_000 })?.message).toMatch(/-port above 40000$/);
    expect(refusalOf(20_000, { first: 1_024, last: 65_535 })?.message).toMatch(/narrowed that range/);
  });

  it('are those that Linux says, and elsewhere the usual ones', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eko-ports-'));
    try {
      const file = join(folder, 'range');
      await writeFile(file, '20000\t29999\n');
      expect(await ephemeralPorts('linux', file)).toEqual({ first: 20_000, last: 29_999 });
      await writeFile(file, 'nonsense');
      expect(await ephemeralPorts('linux', file)).toEqual(LINUX);
      expect(await ephemeralPorts('linux', join(folder, 'missing'))).toEqual(LINUX);
      for (const platform of ['darwin', 'win32'] as const)
        expect(await ephemeralPorts(platform)).toEqual({ first: 49_152, last: 65_535 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
