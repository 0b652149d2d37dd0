import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { summaryLines, summaryOf } from '../../../../network/local/src/dev/dev-summary';
import { DevLayout } from '../../../../network/local/src/dev/dev-layout';
import { planNetwork } from '../../../../network/local/src/dev/plan-network';
import { commandLine } from '../../../support/in-process/command-line';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();
const PRODUCTION = { NODE_ENV: 'production' };
const TRUST = /one domain of trust/;

describe('the development ledger', () => {
  it.each([
    ['dev up', ['dev', 'up']],
    ['dev up that chooses it', ['dev', 'up', '--ledger', 'embedded']],
    ['dev up in the background', ['dev', 'up', '--detach']],
  ])('is refused to %s as production, before anything is made', async (_what, args) => {
    const directory = newFolder();
    const { status, stdout, stderr } = await commandLine([...args, '--directory', directory], PRODUCTION);
    expect([status, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(/^eko: INVALID_CONFIG: .*development.*\n {2}next: .*--ledger fabric.*\n$/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused to the demo as production', async () => {
    const { status, stdout, stderr } = await commandLine(['demo'], PRODUCTION);
    expect([status, stdout]).toEqual([78, '']);
    expect(stderr).toContain('INVALID_CONFIG');
  });

  it('is refused as production to a network that was made on it, and one on Fabric is not', async () => {
    const [embedded, fabric] = [newFolder(), newFolder()];
    await planNetwork(new DevLayout(embedded));
    await planNetwork(new DevLayout(fabric), { kind: 'fabric', directory: join(fabric, 'fabric') });
    const up = async (directory: string): Promise<string> =>
      (await commandLine(['dev', 'up', '--directory', directory], PRODUCTION)).stderr;
    expect(await up(embedded)).toMatch(TRUST);
    // No program of Fabric is found there, so it ends as well.
    expect(await up(fabric)).not.toMatch(TRUST);
  });

  it('says at start that it is one, and Fabric does not', async () => {
    const [embedded, fabric] = [new DevLayout(newFolder()), new DevLayout(newFolder())];
    const ofEmbedded = summaryOf({ layout: embedded, network: await planNetwork(embedded) });
    const choice = { kind: 'fabric', directory: newFolder() } as const;
    const ofFabric = summaryOf({ layout: fabric, network: await planNetwork(fabric, choice) });
    expect(summaryLines(ofEmbedded).join('\n')).toMatch(TRUST);
    expect(summaryLines(ofFabric).join('\n')).not.toMatch(TRUST);
    expect([ofEmbedded.isOneDomainOfTrust, ofFabric.isOneDomainOfTrust]).toEqual([true, false]);
  });
});
