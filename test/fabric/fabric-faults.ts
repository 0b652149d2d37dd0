import { actOnProcess, networkStatus } from '@eko/local-network';
import { ekoJson } from '../support/processes/eko-process';
import { until } from '../support/until';
import { CONSENSUS } from './chosen-consensus';

const METRICS_DEADLINE_MS = 5_000;
/** What an orderer says that it leads by. */
const IS_LEADER = { raft: 'consensus_etcdraft_is_leader', bft: 'consensus_BFT_is_leader' }[CONSENSUS];

/** Hurts and heals the processes of a native Fabric network. */
export class FabricFaults {
  readonly directory: string;
  readonly #channel: string;

  /** @param channel - the one that orderers lead */
  constructor(directory: string, channel: string) {
    this.directory = directory;
    this.#channel = channel;
  }

  /** SIGKILL, at once. */
  async kill(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => actOnProcess(this.directory, name, 'kill')));
  }

  /** Starts whatever was killed, and waits until all of it is ready. */
  async heal(): Promise<void> {
    await ekoJson('fabric', 'up', '--directory', this.directory);
  }

  /** Names of the orderers that run. */
  async orderers(): Promise<readonly string[]> {
    return (await this.#runningOrderers()).map(({ name }) => name);
  }

  /** The orderer that leads the channel, as soon as one does. */
  leader(): Promise<string> {
    return until('an orderer leads', () => this.#leaderNow());
  }

  /** Resolves once no orderer that runs leads. */
  async untilLeaderless(): Promise<void> {
    await until('no orderer leads', async () => (await this.#leaderNow()) === undefined);
  }

  async #leaderNow(): Promise<string | undefined> {
    return (await this.#figures(IS_LEADER)).find(({ value }) => value === 1)?.name;
  }

  async #figures(metric: string): Promise<readonly { readonly name: string; readonly value: number }[]> {
    const start = `${metric}{channel="${this.#channel}"} `;
    return Promise.all(
      (await this.#runningOrderers()).map(async ({ name, operations = '' }) => {
        const answer = await fetch(`${operations}/metrics`, {
          signal: AbortSignal.timeout(METRICS_DEADLINE_MS),
        });
        const line = (await answer.text()).split('\n').find((each) => each.startsWith(start));
        return { name, value: Number(line?.slice(start.length) ?? Number.NaN) };
      }),
    );
  }

  async #runningOrderers() {
    const { processes } = await networkStatus(this.directory);
    return processes.filter(({ role, state }) => role === 'orderer' && state !== 'stopped');
  }
}
