import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHAINCODE, CHANNEL, type TestIdentity, type TestLedger } from '../support/in-process/gateway-client';

const ROOT = join(__dirname, '../..');
const DEADLINE_MS = 30_000;

/** A built ledger that runs as a process of its own. */
export interface LedgerProcess extends TestLedger {
  /** The identity that the process was told to have ready. */
  readonly alice: TestIdentity;
  /** Kills it where it stands. */
  kill(): Promise<void>;
  /** Asks it to stop and gives its exit status. */
  stop(): Promise<number | null>;
}

/** What a process said when it did not come up. */
export class LedgerProcessFailed extends Error {
  constructor(
    readonly exitCode: number | null,
    readonly output: string,
  ) {
    super(`the ledger process ended with ${exitCode}: ${output}`);
  }
}

const running = new Set<ChildProcess>();

/** Kills whatever a failed test has left. */
export function killLedgerProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}

/** Starts the built ledger with the smallest chaincode over the given directory. */
export async function startLedgerProcess(directory: string): Promise<LedgerProcess> {
  const args = [
    join(ROOT, 'network/embedded/dist/main.js'),
    ...['--directory', directory, '--channel', CHANNEL, '--chaincode', CHAINCODE, '--block-timeout-ms', '2'],
    ...['--contracts', join(ROOT, 'test/faults/put-contract.cjs'), '--user', 'Org1MSP/alice'],
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const ready = once(lines, 'line', { signal: AbortSignal.timeout(DEADLINE_MS) }) as Promise<[string]>;
  const failed = exited.then(([exitCode]) => Promise.reject(new LedgerProcessFailed(exitCode, errors)));
  const [line] = await Promise.race([ready, failed]);
  failed.catch(() => undefined);
  const { address, tlsCaFile, users } = JSON.parse(line) as {
    address: string;
    tlsCaFile: string;
    users: { mspId: string; mspFolder: string }[];
  };
  const [user] = users;
  if (user === undefined) throw new Error('the process has no user');
  return {
    address,
    tlsCaPem: await readFile(tlsCaFile, 'utf8'),
    alice: {
      mspId: user.mspId,
      certificatePem: await readFile(`${user.mspFolder}/signcerts/alice@org1.example.com-cert.pem`, 'utf8'),
      privateKeyPem: await readFile(`${user.mspFolder}/keystore/priv_sk`, 'utf8'),
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}
