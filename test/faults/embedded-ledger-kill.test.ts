import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHAINCODE, connectClient, take } from '../support/in-process/gateway-client';
import { killLedgerProcesses, LedgerProcessFailed, startLedgerProcess } from './ledger-process';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the embedded ledger as a process that is killed', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-kill-'));
  });

  afterEach(async () => {
    killLedgerProcesses();
    await rm(directory, { recursive: true });
  });

  it('loses nothing that it answered, whenever it is killed', async () => {
    const answered: string[] = [];
    let next = 0;
    for (const kills of [1, 7, 40]) {
      const ledger = await startLedgerProcess(directory);
      const client = connectClient(ledger, ledger.alice);
      let left = kills;
      const write = async (): Promise<void> => {
        for (;;) {
          const key = `key-${(next += 1)}`;
          try {
            await client.contract.submitTransaction('Put', key, key);
          } catch {
            return; // the process is gone, and this key was never answered
          }
          answered.push(key);
          left -= 1;
          if (left === 0) await ledger.kill();
        }
      };
      await Promise.all(Array.from({ length: 8 }, write));
      client.close();
    }

    const ledger = await startLedgerProcess(directory);
    const client = connectClient(ledger, ledger.alice);
    const values = await Promise.all(
      answered.map(async (key) => text(await client.contract.evaluateTransaction('Get', key))),
    );
    expect(answered.length).toBeGreaterThanOrEqual(48);
    expect(values).toEqual(answered);
    const events = await take(
      await client.network.getChaincodeEvents(CHAINCODE, { startBlock: 0n }),
      answered.length,
    );
    expect(new Set(events.map(({ transactionId }) => transactionId)).size).toBe(answered.length);
    client.close();
    expect(await ledger.stop()).toBe(0);
  }, 120_000);

  it('cuts a record that was being written and refuses one that has changed', async () => {
    const file = join(directory, 'ledger', 'blocks.eko');
    const first = await startLedgerProcess(directory);
    const client = connectClient(first, first.alice);
    await client.contract.submitTransaction('Put', 'key', 'value');
    client.close();
    await first.kill();

    const { size } = await stat(file);
    await appendFile(file, (await readFile(file)).subarray(0, 40));
    const second = await startLedgerProcess(directory);
    const again = connectClient(second, second.alice);
    expect(text(await again.contract.evaluateTransaction('Get', 'key'))).toBe('value');
    again.close();
    await second.kill();
    expect((await stat(file)).size).toBe(size);

    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(size - 1) ^ 1, size - 1);
    await writeFile(file, bytes);
    const refusal: unknown = await startLedgerProcess(directory).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LedgerProcessFailed);
    expect(refusal).toMatchObject({
      exitCode: 5,
      output: expect.stringContaining('"CORRUPT_RECORD"') as string,
    });
  }, 120_000);

  it('keeps a second process out of the directory of a running one', async () => {
    const ledger = await startLedgerProcess(directory);
    const refusal: unknown = await startLedgerProcess(directory).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      exitCode: 78,
      output: expect.stringContaining('"INVALID_CONFIG"') as string,
    });
    expect(await ledger.stop()).toBe(0);
  }, 120_000);
});
