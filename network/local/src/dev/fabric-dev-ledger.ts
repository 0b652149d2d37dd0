import type { FabricUserRequest } from '../fabric/identity/fabric-users';
import { writeWhole } from '@eko/protocol/node';
import { EkoError } from '@eko/protocol';
import type { DevLedger, DevLedgerOptions } from './dev-ledger';
import { DEV_ORGANISATIONS, DEV_READER } from './network-plan';
import { certificateAttributes } from './node-configuration';

/**
 * A native Fabric network as the ledger of a development network, on a channel of its own. A Fabric network that runs
 * already is used and left running; one that had to be started is stopped again.
 */
export class FabricDevLedger implements DevLedger {
  readonly #options: DevLedgerOptions;
  readonly #directory: string;
  #isOurs = false;
  #isUp = false;

  constructor(options: DevLedgerOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
  }

  /** @throws EkoError as `upNetwork`; `BAD_STATE` for a network with too few organisations */
  async up(): Promise<void> {
    const { layout, network, env, signal } = this.#options;
    const { DEFAULT_CHANNEL, isNetworkRunning, issueUser, openLayout, upNetwork } = await loadFabric();
    const directory = this.#directory;
    this.#isOurs ||= !(await isNetworkRunning(directory));
    const plan = await upNetwork(
      { directory, env, signal },
      {
        channels: [DEFAULT_CHANNEL, network.channel],
      },
    );
    this.#isUp = true;
    if (plan.organisations < DEV_ORGANISATIONS.length) {
      throw new EkoError(
        'BAD_STATE',
        `The Fabric network in ${directory} has ${plan.organisations} organisations, and ${DEV_ORGANISATIONS.length} are ` +
          'needed: reset it, or name another directory',
        { details: { directory } },
      );
    }
    const fabric = await openLayout(directory);
    const write = async (file: string, user: Omit<FabricUserRequest, 'channel'>): Promise<void> => {
      const profile = await issueUser(fabric, plan, { ...user, channel: network.channel });
      await writeWhole(file, `${JSON.stringify(profile, undefined, 2)}\n`);
    };
    await write(layout.readerProfile, DEV_READER);
    for (const node of network.nodes) {
      const { mspId, nodeId: name } = node;
      const attributes = certificateAttributes(node);
      await write(layout.node(name).profile, { mspId, name, attributes });
    }
  }

  async down(): Promise<void> {
    const { network, env, isTemporary } = this.#options;
    const directory = this.#directory;
    if (!this.#isUp && !this.#isOurs) return;
    const { downNetwork, removeNetworkChannel } = await loadFabric();
    if (isTemporary && this.#isUp) await removeNetworkChannel({ directory, env }, network.channel);
    this.#isUp = false;
    if (!this.#isOurs) return;
    await downNetwork(directory);
    this.#isOurs = false;
  }
}

/** Only who chose Fabric waits for its code. */
async function loadFabric() {
  const [network, users, plan] = await Promise.all([
    import('../fabric/fabric-network.js'),
    import('../fabric/identity/fabric-users.js'),
    import('../fabric/plan/fabric-plan.js'),
  ]);
  return { ...network, ...users, ...plan };
}
