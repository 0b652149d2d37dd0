import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { DevLayout } from '../../../network/local/src/dev/dev-layout';
import { planNetwork } from '../../../network/local/src/dev/plan-network';
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

describe('eko dev logs', () => {
  it('prints where all logs are, and the last lines of one by the name of its process', async () => {
    const layout = new DevLayout(newFolder());
    const here = ['--directory', layout.directory, '--json'];
    expect((await commandLine(['dev', 'logs', ...here])).status).toBe(4);
    const { nodes } = await planNetwork(layout);
    mkdirSync(dirname(layout.ledgerLog));
    writeFileSync(layout.ledgerLog, 'of the ledger\n');
    writeFileSync(layout.node('witness-1').log, 'one\ntwo\n');
    const all = JSON.parse((await commandLine(['dev', 'logs', ...here])).stdout) as object;
    expect(all).toEqual({ files: [layout.ledgerLog, ...nodes.map(({ nodeId }) => layout.node(nodeId).log)] });
    const linesOf = async (...name: readonly string[]): Promise<unknown> =>
      (JSON.parse((await commandLine(['dev', 'logs', ...name, ...here])).stdout) as { lines: unknown }).lines;
    expect(await linesOf('ledger')).toEqual(['of the ledger']);
    expect(await linesOf('witness-1', '--lines', '1')).toEqual(['two']);
    const unknown = await commandLine(['dev', 'logs', '../../secret', ...here]);
    expect(JSON.parse(unknown.stderr)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});
