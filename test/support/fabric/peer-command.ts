import { networkEnvironment } from '@eko/fabric-network';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DEADLINE_MS = 90_000;

/** Fabric's own `peer` command, as an administrator of one organisation of a native network. */
export class PeerCommand {
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /** With what `eko fabric env` prints. */
  static async of(directory: string, mspId: string): Promise<PeerCommand> {
    return new PeerCommand(await networkEnvironment(directory, mspId));
  }

  /** One of the variables of the environment. */
  variable(name: string): string {
    const value = this.#environment[name];
    if (value === undefined) throw new Error(`the network has no ${name}`);
    return value;
  }

  /** Where another command finds this organisation's peer. */
  get asEndorser(): readonly string[] {
    return [
      ...['--peerAddresses', this.variable('CORE_PEER_ADDRESS')],
      ...['--tlsRootCertFiles', this.variable('CORE_PEER_TLS_ROOTCERT_FILE')],
    ];
  }

  /** Runs it and answers what it printed. */
  async run(...args: readonly string[]): Promise<string> {
    const { FABRIC_BIN: bin = '', PATH = '', HOME = '' } = process.env;
    const { stdout } = await run(bin === '' ? 'peer' : join(bin, 'peer'), args, {
      env: { PATH, HOME, ...this.#environment },
      timeout: DEADLINE_MS,
    });
    return stdout;
  }

  /** Runs a `peer lifecycle chaincode` command that sends a transaction. */
  async order(...args: readonly string[]): Promise<void> {
    const orderer = [
      '--orderer',
      this.variable('ORDERER_ADDRESS'),
      '--tls',
      '--cafile',
      this.variable('ORDERER_CA'),
    ];
    await this.run('lifecycle', 'chaincode', ...args, ...orderer);
  }

  /** Asks a chaincode through this peer alone. */
  async query(chaincode: string, ...args: readonly string[]): Promise<unknown> {
    const call = ['-C', this.variable('CHANNEL_NAME'), '-n', chaincode, '-c', JSON.stringify({ Args: args })];
    return JSON.parse(await this.run('chaincode', 'query', ...call)) as unknown;
  }
}
