import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FabricStatus } from '@eko/local-network';
import { findPrograms } from '../../network/local/src/fabric/programs/find-programs';
import { eko } from '../support/processes/eko-process';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { freeBasePort } from './free-base-port';
import { describeIf } from '../support/skip';

jest.setTimeout(120_000);

describeIf(hasFabricPrograms(), NO_FABRIC, 'a native Fabric network with BFT ordering', () => {
  const HERE = ['--directory', mkdtempSync(join(tmpdir(), 'eko-fabric-bft-'))] as const;

  afterAll(async () => {
    await eko('fabric', 'down', ...HERE);
    expect((await eko('fabric', 'reset', ...HERE)).status).toBe(0);
  });

  it('commits its chaincode with four orderers, or says that this Fabric has none', async () => {
    const { line } = await findPrograms(process.env);
    const choices = [
      '--consensus',
      'bft',
      '--organisations',
      '2',
      '--base-port',
      String(await freeBasePort()),
    ];
    const { status, stdout, stderr } = await eko('fabric', 'up', '--json', ...choices, ...HERE);
    const expected = line.hasBft
      ? { status: 0, said: { isReady: true, plan: { consensus: 'bft' } } }
      : { status: 78, said: { error: { code: 'INVALID_CONFIG' } } };
    expect(status).toBe(expected.status);
    const said = JSON.parse(status === 0 ? stdout : stderr) as FabricStatus;
    expect(said).toMatchObject(expected.said);
    const orderers = status === 0 ? said.processes.filter(({ role }) => role === 'orderer') : [];
    expect(orderers).toHaveLength(line.hasBft ? 4 : 0);
  });
});
