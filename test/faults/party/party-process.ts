import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LiveNetwork } from '../../support/in-process/live-network';
import { DescribedApi } from '../../support/in-process/described-api';
import { ALLOWED_LABEL } from '../../support/in-process/live-parties';

const PROGRAM = join(__dirname, '../../../network/party/dist/main.js');

/** A party of a live network as the process that it is in earnest, so that it can be killed. */
export class PartyProcess {
  readonly api: DescribedApi;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, api: DescribedApi) {
    this.#child = child;
    this.api = api;
  }

  /** Starts it on the built files; resolves once it is ready. */
  static async start(network: LiveNetwork, nodeId: string): Promise<PartyProcess> {
    const { keysDirectory, ledgerProfile, dataDirectory } = network.placesOf(nodeId);
    const folder = dirname(dataDirectory);
    const [tokenFile, config] = [join(folder, 'api.token'), join(folder, 'party.json')];
    const token = randomBytes(32).toString('base64url');
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
    const settings = {
      nodeId,
      keysDirectory,
      ledgerProfile,
      dataDirectory,
      tokenFile,
      allowAddresses: ['127.0.0.0/8'],
      exportLabels: [ALLOWED_LABEL],
      logLevel: 'silent',
    };
    await writeFile(config, JSON.stringify(settings));
    const child = spawn(process.execPath, [PROGRAM, '--config', config], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { address } = JSON.parse(line) as { address: string };
      return new PartyProcess(child, await DescribedApi.open(address, token));
    }
    throw new Error('the party ended before it was ready');
  }

  /** `kill -9`; resolves once it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
