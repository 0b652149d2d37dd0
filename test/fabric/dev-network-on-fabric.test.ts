import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FabricStatus } from '@eko/local-network';
import { eko, ekoJson } from '../support/processes/eko-process';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { freeBasePort } from './free-base-port';
import { describeIf } from '../support/skip';

jest.setTimeout(240_000);

/** One network, whose life these tests follow in order. */
describeIf(hasFabricPrograms(), NO_FABRIC, 'a development network on a native Fabric network', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-dev-fabric-'));
  const FABRIC = ['--directory', join(directory, 'fabric')] as const;
  const DEV = ['--directory', join(directory, 'dev')] as const;
  const ON_FABRIC = ['--ledger', 'fabric', '--fabric-directory', FABRIC[1]] as const;
  const fabricStatus = async (): Promise<FabricStatus> =>
    (await ekoJson('fabric', 'status', ...FABRIC)) as FabricStatus;

  beforeAll(async () => {
    await ekoJson('fabric', 'up', ...FABRIC, '--base-port', String(await freeBasePort()));
  });

  afterAll(async () => {
    await eko('dev', 'down', ...DEV);
    await eko('fabric', 'down', ...FABRIC);
    expect((await eko('fabric', 'reset', ...FABRIC)).status).toBe(0);
    expect(existsSync(FABRIC[1])).toBe(false);
  });

  it('comes up on a channel of its own and sets up a stream', async () => {
    const up = (await ekoJson('dev', 'up', '--detach', ...ON_FABRIC, ...DEV)) as { channel: string };
    expect((await fabricStatus()).plan.channels).toEqual(['eko', up.channel]);
    const { processes } = (await ekoJson('dev', 'status', ...DEV)) as {
      processes: readonly { state: string }[];
    };
    expect(processes.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'ready'));
    const bundle = (await ekoJson('stream', 'request', '--wait', ...DEV)) as {
      streams: readonly { state: string }[];
    };
    expect(bundle.streams.map(({ state }) => state)).toEqual(['active']);
  });

  it('leaves a Fabric network running that ran before it', async () => {
    expect((await eko('dev', 'down', ...DEV)).status).toBe(0);
    expect((await fabricStatus()).isReady).toBe(true);
  });

  it('is not started again on another ledger', async () => {
    const refused = await eko('dev', 'up', '--ledger', 'embedded', '--json', ...DEV);
    expect(refused.status).toBe(4);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'BAD_STATE' } });
  });

  it('starts the Fabric network with it where that one does not run, and stops it again', async () => {
    expect((await eko('fabric', 'down', ...FABRIC)).status).toBe(0);
    await ekoJson('dev', 'up', '--detach', ...DEV);
    expect((await fabricStatus()).isReady).toBe(true);
    const streams = (await ekoJson('stream', 'list', ...DEV)) as { streams: readonly unknown[] };
    expect(streams.streams).toHaveLength(1);
    expect((await eko('dev', 'down', ...DEV)).status).toBe(0);
    expect((await fabricStatus()).processes.map(({ state }) => state)).toEqual(
      Array.from({ length: 9 }, () => 'stopped'),
    );
  });

  it('takes its channel with it when it is cleared', async () => {
    await ekoJson('fabric', 'up', ...FABRIC);
    expect((await eko('dev', 'reset', ...DEV)).status).toBe(0);
    const { plan, isReady } = (await ekoJson('fabric', 'up', ...FABRIC)) as FabricStatus;
    expect(plan.channels).toEqual(['eko']);
    expect(isReady).toBe(true);
  });
});
