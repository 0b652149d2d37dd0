import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedLedger, type EmbeddedLedger } from '@eko/embedded-ledger';
import { createOrganisation } from '@eko/msp';
import { CHAINCODE, CHANNEL } from '../../support/in-process/gateway-client';
import { contracts } from '../../support/in-process/sample-contract';
import { startLedger, type StartedLedger } from './started-ledger';

/** Magic, length and two checksums stand before each block. */
const HEADER_BYTES = 16;

describe('an embedded ledger whose files are not its own', () => {
  let started: StartedLedger;

  beforeEach(async () => {
    started = await startLedger();
    for (const key of ['a', 'b']) await started.client.contract.submitTransaction('Put', key, 'v');
    started.client.close();
    await started.ledger.close();
  });

  afterEach(async () => {
    await rm(started.directory, { recursive: true });
  });

  const reopen = (change: Partial<Parameters<typeof startEmbeddedLedger>[0]> = {}): Promise<EmbeddedLedger> =>
    startEmbeddedLedger({
      directory: join(started.directory, 'ledger'),
      channel: CHANNEL,
      chaincodeName: CHAINCODE,
      contracts,
      organisations: [started.organisation, started.other],
      ...change,
    });

  it('refuses blocks that do not follow each other, and lets go of the directory', async () => {
    const file = join(started.directory, 'ledger', 'blocks.eko');
    const whole = await readFile(file);
    const records: Buffer[] = [];
    for (let offset = 0; offset < whole.length;) {
      const end = offset + HEADER_BYTES + whole.readUInt32BE(offset + 4);
      records.push(whole.subarray(offset, end));
      offset = end;
    }
    expect(records).toHaveLength(3);
    const [genesis, first, second] = records as [Buffer, Buffer, Buffer];
    for (const blocks of [
      [genesis, second],
      [genesis, second, first],
      [first, second],
    ]) {
      await writeFile(file, Buffer.concat(blocks));
      await expect(reopen()).rejects.toMatchObject({
        code: expect.stringMatching(/CORRUPT_RECORD|INVALID_CONFIG/) as string,
      });
    }
    await writeFile(file, whole);
    const ledger = await reopen();
    expect(ledger.height()).toBe(3);
    await ledger.close();
  });

  it('lets go of everything when its port is taken', async () => {
    const ledger = await reopen();
    const port = Number(ledger.address.split(':')[1]);
    const directory = join(started.directory, 'second');
    await expect(reopen({ directory, port })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    const second = await reopen({ directory });
    await second.close();
    await ledger.close();
  });

  it('refuses another channel and other organisations', async () => {
    await expect(reopen({ channel: 'another' })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(reopen({ organisations: [started.organisation] })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
    const directory = join(started.directory, 'others');
    const impostor = await createOrganisation({ directory, mspId: 'Org2MSP', domain: 'org2.example.com' });
    await expect(reopen({ organisations: [started.organisation, impostor] })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });
});
