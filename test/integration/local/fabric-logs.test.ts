import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FabricLayout } from '../../../network/local/src/fabric/plan/fabric-layout';
import { newPlan, writePlan } from '../../../network/local/src/fabric/plan/fabric-plan';
import { commandLine } from '../../support/in-process/command-line';
import { EKO, startScript } from '../../support/processes/eko-process';
import { temporaryFolders } from '../../support/temporary-folder';

const DEADLINE_MS = 20_000;
const newFolder = temporaryFolders();

describe('eko fabric logs', () => {
  let layout: FabricLayout;

  beforeEach(async () => {
    layout = new FabricLayout(newFolder());
    await writePlan(layout, newPlan('3.1.5', {}));
    mkdirSync(layout.logs);
    writeFileSync(layout.log('orderer1'), 'one\ntwo\n');
  });

  it('follows a log until Ctrl-C, which is no failure', async () => {
    const child = startScript(EKO, [
      ...['fabric', 'logs', 'orderer1', '--follow', '--lines', '1', '--json'],
      ...['--directory', layout.directory],
    ]);
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      if (child.stdout === null) throw new TypeError('a child has pipes');
      const printed = createInterface({ input: child.stdout });
      const first: unknown[] = await once(printed, 'line', { signal });
      expect(JSON.parse(String(first[0]))).toEqual({ name: 'orderer1', line: 'two' });
      const second = once(printed, 'line', { signal });
      appendFileSync(layout.log('orderer1'), 'three\n');
      const line: unknown[] = await second;
      expect(JSON.parse(String(line[0]))).toEqual({ name: 'orderer1', line: 'three' });
      const end = once(child, 'exit', { signal });
      child.kill('SIGINT');
      expect(await end).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('prints the last lines and ends, where nobody asked it to follow', async () => {
    const here = ['--directory', layout.directory, '--json'];
    const { status, stdout } = await commandLine(['fabric', 'logs', 'orderer1', ...here]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ lines: ['one', 'two'] });
  });

  it('follows one process, which the network has', async () => {
    const here = ['--directory', layout.directory, '--json'];
    expect((await commandLine(['fabric', 'logs', '--follow', ...here])).status).toBe(2);
    const unknown = await commandLine(['fabric', 'logs', 'orderer9', '--follow', ...here]);
    expect(JSON.parse(unknown.stderr)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});
