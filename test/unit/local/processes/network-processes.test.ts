import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProcesses, parsePs } from '../../../../network/local/src/processes/process-table';
import { startProcess } from '../../../../network/local/src/processes/start-process';
import { sendSignal, stopProcesses } from '../../../../network/local/src/processes/stop-processes';
import { until } from '../../../support/until';

describe('processes of a Fabric network', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'eko fabric processes-')));
  });

  afterEach(async () => {
    await stopProcesses(directory, () => true);
    await rm(directory, { recursive: true });
  });

  /** Without a script, one that goes on. A shell would fork for each command, and for a moment be there twice. */
  const start = (label: string, script?: string) =>
    startProcess(directory, {
      label,
      program: script === undefined ? process.execPath : '/bin/sh',
      args: script === undefined ? ['-e', 'setInterval(() => undefined, 60_000)'] : ['-c', script],
      env: {},
      workingDirectory: directory,
      logFile: join(directory, `${label}.log`),
      ready: [],
    });
  const labels = async (): Promise<readonly string[]> =>
    (await findProcesses(directory)).map(({ label }) => label).sort();

  it('are found by the directory that they were started for', async () => {
    start('peer0.org1');
    start('orderer1');
    await until('both run', async () => (await labels()).length === 2);
    expect(await labels()).toEqual(['orderer1', 'peer0.org1']);
    expect(await findProcesses(`${directory}/peer0`)).toEqual([]);
    expect(await findProcesses(directory.slice(0, -1))).toEqual([]);
  });

  it('are stopped as far as they are meant, also one that is paused', async () => {
    start('peer0.org1');
    start('peer0.org2');
    await until('both run', async () => (await labels()).length === 2);
    const paused = (await findProcesses(directory)).find(({ label }) => label === 'peer0.org1');
    sendSignal(paused!.pid, 'SIGSTOP');
    await until('one is paused', async () =>
      (await findProcesses(directory)).some(({ isPaused }) => isPaused),
    );
    expect(await stopProcesses(directory, ({ label }) => label === 'peer0.org1')).toEqual(['peer0.org1']);
    expect(await labels()).toEqual(['peer0.org2']);
  });

  it('tell when they end', async () => {
    const ended = start('peer0.org1', 'exit 1');
    await until('it has ended', () => ended.end() !== undefined);
    expect(await labels()).toEqual([]);
  });

  it('end with their own words, not with those of an earlier life', async () => {
    const old = start('peer0.org1', 'echo panic of yesterday; exit 1');
    await until('it has ended', () => old.end() !== undefined);
    expect(old.lastMessage()).toBe('panic of yesterday');
    const silent = start('peer0.org1', 'exit 1');
    await until('it has ended', () => silent.end() !== undefined);
    expect(silent.lastMessage()).toBe('it said nothing');
    const unstarted = startProcess(directory, {
      label: 'peer0.org1',
      program: join(directory, 'none'),
      args: [],
      env: {},
      workingDirectory: directory,
      logFile: join(directory, 'peer0.org1.log'),
      ready: [],
    });
    await until('it has ended', () => unstarted.end() !== undefined);
    expect(unstarted.lastMessage()).toContain('ENOENT');
  });

  it('are read from ps where there is no /proc', () => {
    const table = [
      '    1 Ss   /sbin/init',
      '   12 S    /state of/net/peer0.org1 node start',
      '   13 T+   /state of/net/orderer1 start',
      '   14 Z    /state of/net/orderer2 start',
      '   15 S    /state of/network/orderer3 start',
      '   16 S    node /state of/net/orderer4',
      '   17 S    /state of/net/bin/peer node start',
      '',
    ];
    expect(parsePs('/state of/net', table.join('\n'))).toEqual([
      { pid: 12, label: 'peer0.org1', isPaused: false },
      { pid: 13, label: 'orderer1', isPaused: true },
    ]);
  });
});
