// The ledger comes before the contracts: it silences what their API says of every decorator.
import { startExaminedLedger, type ExaminedLedger } from '../../support/in-process/examined-ledger';
import { contracts } from '@eko/chaincode';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../../network/local/src/processes/free-ports';
import { commandsNamed } from '../../support/data/shell-blocks';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '../../..');
const run = promisify(execFile);

describe('a party of the guide to deployment', () => {
  let ledger: ExaminedLedger;
  beforeAll(async () => {
    ledger = await startExaminedLedger(contracts);
  });
  afterAll(() => ledger.stop());

  it('is registered and started as the guide says, and answers who shows its token', async () => {
    const [port = 0, operationsPort = 0, streamPort = 0] = await freePorts(3);
    ledger.put('clinic-fabric.json', JSON.stringify(ledger.files));
    const { PATH = '', HOME = '' } = process.env;
    const options = {
      cwd: ledger.directory,
      env: {
        PATH: `${join(ROOT, 'node_modules/.bin')}:${PATH}`,
        HOME,
        EKO: ROOT,
        CLINIC_STREAMS: `127.0.0.1:${streamPort}`,
        CLINIC_PORT: String(port),
        CLINIC_OPERATIONS_PORT: String(operationsPort),
        CLINIC_STREAM_PORT: String(streamPort),
      },
    };
    const registered = await run(
      'bash',
      ['-euo', 'pipefail', '-c', commandsNamed('register-party')],
      options,
    );
    expect(registered.stdout).toContain('clinic is registered');
    const party = spawn('bash', ['-euc', commandsNamed('start-party')], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(party, 'close');
    const [line] = (await Promise.race([once(party.stdout, 'data'), ended])) as [Buffer];
    const ready = JSON.parse(line.toString()) as { address: string; streams: string };
    expect(ready).toMatchObject({ address: `http://127.0.0.1:${port}`, streams: `0.0.0.0:${streamPort}` });
    const token = readFileSync(join(ledger.directory, 'clinic.token'), 'utf8').trim();
    const answer = await fetch(`${ready.address}/v1/nodes`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"nodeId":"clinic"')]);
    party.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
