import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../../network/local/src/processes/free-ports';
import { clearNetwork } from '../../../../network/local/src/dev/clear-network';
import { askControl, meansNobody } from '../../../../network/local/src/dev/control-client';
import { serveControl } from '../../../../network/local/src/dev/control-server';
import { DevLayout } from '../../../../network/local/src/dev/dev-layout';
import { DevNetwork } from '../../../../network/local/src/dev/dev-network';
import { FabricLayout } from '../../../../network/local/src/fabric/plan/fabric-layout';
import { newPlan, writePlan } from '../../../../network/local/src/fabric/plan/fabric-plan';
import { rejectionOf } from '../../../support/coded-error';
import { stopNetwork } from '../../../../network/local/src/dev/stop-network';
import { planNetwork } from '../../../../network/local/src/dev/plan-network';
import { takeNetworkLock } from '../../../../network/local/src/processes/network-lock';
import { temporaryFolders } from '../../../support/temporary-folder';
import { until } from '../../../support/until';

const newFolder = temporaryFolders();

const newLayout = (): DevLayout => new DevLayout(newFolder());

describe('the plan of a development network', () => {
  it('keeps its ports', async () => {
    const layout = newLayout();
    const first = await planNetwork(layout);
    const ports = first.nodes.flatMap((node) => [node.port, node.operationsPort]);
    expect(new Set([first.ledgerPort, ...ports]).size).toBe(19);
    expect(await planNetwork(layout)).toEqual(first);
  });

  it('names a kept port that another program took', async () => {
    const layout = newLayout();
    const { nodes } = await planNetwork(layout);
    const taken = createServer().listen(nodes[2]!.port, '127.0.0.1');
    await once(taken, 'listening');
    await expect(planNetwork(layout)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: { port: (taken.address() as AddressInfo).port, owner: nodes[2]!.nodeId },
    });
    taken.close();
  });

  it.each(['', '{', '{"version":2}', '{"version":1,"version":1}'])(
    'refuses a damaged file: %j',
    async (text) => {
      const layout = newLayout();
      writeFileSync(layout.networkFile, text);
      await expect(planNetwork(layout)).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    },
  );
});

describe('clearing a development network', () => {
  it('removes what the network made and nothing else', async () => {
    const layout = newLayout();
    await planNetwork(layout);
    mkdirSync(join(layout.directory, 'logs'));
    writeFileSync(join(layout.directory, 'notes.txt'), 'mine');
    await clearNetwork(layout, {});
    expect(existsSync(layout.networkFile)).toBe(false);
    expect(existsSync(join(layout.directory, 'logs'))).toBe(false);
    expect(existsSync(join(layout.directory, 'notes.txt'))).toBe(true);
  });

  it('goes on where the starter was killed, and only there', async () => {
    const layout = newLayout();
    await planNetwork(layout);
    const [port] = await freePorts(1);
    writeFileSync(layout.runningFile, JSON.stringify({ port, token: 'of nobody' }));
    await clearNetwork(layout, {});
    expect(existsSync(layout.networkFile)).toBe(false);
    expect(meansNobody({ code: 'ECONNREFUSED' })).toBe(true);
    for (const code of ['EMFILE', 'ENOBUFS', 'ETIMEDOUT', 'EADDRNOTAVAIL'])
      expect(meansNobody({ code })).toBe(false);
  });
});

describe('a directory of the development network', () => {
  const sleepAs = async (name: string): Promise<ChildProcess> => {
    const child = spawn('sleep', ['60'], { argv0: name, stdio: 'ignore' });
    await once(child, 'spawn');
    return child;
  };

  it('has processes that a start and a reset stop, and others that they leave alone', async () => {
    const layout = newLayout();
    await planNetwork(layout);
    const [own, others] = await Promise.all(
      ['witness-1', 'server'].map((name) => sleepAs(join(layout.directory, name))),
    );
    // Reached by another name, its processes are the same.
    const link = join(newFolder(), 'link');
    symlinkSync(layout.directory, link);
    await clearNetwork(new DevLayout(link), {});
    expect([own?.signalCode, others?.signalCode]).toEqual(['SIGTERM', null]);
    others?.kill('SIGKILL');
  });

  it('is not that of a Fabric network, whatever is done there', async () => {
    const layout = newLayout();
    await writePlan(new FabricLayout(layout.directory), newPlan('3.1.5', {}));
    const orderer = await sleepAs(join(layout.directory, 'orderer1'));
    const refused = {
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('Fabric network') as string,
    };
    expect(await rejectionOf(clearNetwork(layout, {}))).toMatchObject(refused);
    expect(await rejectionOf(DevNetwork.up({ directory: layout.directory }))).toMatchObject(refused);
    const ledger = { kind: 'fabric', directory: layout.directory } as const;
    expect(await rejectionOf(DevNetwork.up({ directory: layout.directory, ledger }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect([orderer.signalCode, existsSync(layout.networkFile)]).toEqual([null, true]);
    orderer.kill('SIGKILL');
  });
});

describe('the control of a running network', () => {
  let control: Awaited<ReturnType<typeof serveControl>>;
  const acts: string[] = [];

  const serve = async (layout: DevLayout): Promise<void> => {
    acts.length = 0;
    control = await serveControl(layout, {
      processes: () => [{ name: 'ledger', pid: 7 }],
      restart: async (name) => {
        acts.push(`restart ${name}`);
      },
      stop: () => acts.push('stop'),
    });
  };

  afterEach(() => control.close());

  it('does what its owner asks', async () => {
    const layout = newLayout();
    await serve(layout);
    expect(await askControl(layout, { act: 'status' }, 5_000)).toEqual([{ name: 'ledger', pid: 7 }]);
    await askControl(layout, { act: 'restart', name: 'witness-1' }, 5_000);
    await askControl(layout, { act: 'stop' }, 5_000);
    expect(acts).toEqual(['restart witness-1', 'stop']);
    await control.close();
    expect(await askControl(layout, { act: 'status' }, 5_000)).toBeUndefined();
  });

  it('does nothing for a stranger', async () => {
    const layout = newLayout();
    await serve(layout);
    const { port } = JSON.parse(readFileSync(layout.runningFile, 'utf8')) as { port: number };
    writeFileSync(layout.runningFile, JSON.stringify({ port, token: 'guess' }));
    expect(await askControl(layout, { act: 'stop' }, 5_000)).toBeUndefined();
    expect(acts).toEqual([]);
  });

  it('tells who would clear its directory at once that it runs', async () => {
    const layout = newLayout();
    const lock = await takeNetworkLock(layout.directory);
    await serve(layout);
    await expect(clearNetwork(layout, {})).rejects.toMatchObject({
      code: 'BAD_STATE',
      message: `The network in ${layout.directory} is running`,
    });
    await lock.release();
  });

  it('is asked to stop as soon as it can be, and waited for until its lock is free', async () => {
    const layout = newLayout();
    const { signal } = new AbortController();
    expect(await stopNetwork(layout, signal)).toBe(false);
    expect(readdirSync(layout.directory)).toEqual([]);
    const lock = await takeNetworkLock(layout.directory);
    let isOver = false;
    const stopping = stopNetwork(layout, signal).finally(() => (isOver = true));
    await serve(layout);
    await until('it is asked to stop', () => acts.length > 0);
    await control.close();
    // Who cannot ask any more is told so after a while; the first waits on.
    expect(await rejectionOf(stopNetwork(layout, signal))).toMatchObject({
      code: 'BAD_STATE',
      details: { directory: layout.directory },
    });
    expect(isOver).toBe(false);
    await lock.release();
    expect(await stopping).toBe(true);
    expect(acts).toEqual(['stop']);
  }, 20_000);
});
