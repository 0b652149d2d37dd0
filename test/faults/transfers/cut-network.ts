import type { StreamPolicy } from '@eko/protocol';
import { awaitActive } from '../../../client-sdk/cli/dist/party/await-stream';
import { findParty } from '../../../client-sdk/cli/dist/party/party-access';
import { PartyApi } from '../../../client-sdk/sdk/dist/rest/party-api';
import { streamPolicy } from '../../support/data/stream-request';
import { ProcessNetwork, type PartyName } from '../../support/processes/process-network';
import { until } from '../../support/until';
import { TransferProcess } from './transfer-process';

const ACTIVE_MS = 30_000;

/** The development network with both parties as processes, and `eko send` and `eko receive` on top of it. */
export class CutNetwork {
  readonly #network: ProcessNetwork;
  readonly #stopping = new Set<string>();
  readonly #apis: ReadonlyMap<PartyName, PartyApi>;

  private constructor(network: ProcessNetwork, apis: ReadonlyMap<PartyName, PartyApi>) {
    this.#network = network;
    this.#apis = apis;
  }

  static async start(): Promise<CutNetwork> {
    const network = await ProcessNetwork.start({ parties: [] });
    const { directory } = network.processes.layout;
    const apiOf = async (nodeId: PartyName): Promise<PartyApi> => {
      const access = await findParty({ address: undefined, tokenFile: undefined, directory, nodeId });
      return new PartyApi(access, new AbortController().signal);
    };
    const apis = new Map([
      ['initiator' as const, await apiOf('initiator')],
      ['provider' as const, await apiOf('provider')],
    ]);
    return new CutNetwork(network, apis);
  }

  /** Files of a test. */
  get folder(): string {
    return this.#network.folder;
  }

  /** A party's REST API. */
  api(nodeId: PartyName): PartyApi {
    const api = this.#apis.get(nodeId);
    if (api === undefined) throw new RangeError(`there is no party ${nodeId}`);
    return api;
  }

  /** A new stream that both parties see as active. */
  async newStream(change: Partial<StreamPolicy> = {}): Promise<string> {
    const { streams } = await this.api('initiator').requestStreams({
      policy: streamPolicy({
        durationSeconds: 3_600,
        witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
        ...change,
      }),
      requests: [{ dataType: 'file', permissions: ['read'] }],
    });
    const streamId = streams[0]?.streamId ?? '';
    const { signal } = new AbortController();
    for (const api of this.#apis.values()) await awaitActive(api, streamId, ACTIVE_MS, signal);
    return streamId;
  }

  /** Starts `eko send`; without a file it sends what it is fed. */
  send(streamId: string, ...rest: readonly string[]): TransferProcess {
    return new TransferProcess(['send', streamId, ...rest, ...this.#here]);
  }

  /** Starts `eko send` by a line of `sh`, in which `"$@"` stands for it. */
  sendBy(shell: string, streamId: string, ...rest: readonly string[]): TransferProcess {
    return new TransferProcess(['send', streamId, ...rest, ...this.#here], shell);
  }

  /** Starts `eko receive`. */
  receive(streamId: string, ...rest: readonly string[]): TransferProcess {
    return new TransferProcess(['receive', streamId, ...rest, ...this.#here]);
  }

  /** Starts `eko receive` by a line of `sh`, in which `"$@"` stands for it. */
  receiveBy(shell: string, streamId: string, ...rest: readonly string[]): TransferProcess {
    return new TransferProcess(['receive', streamId, ...rest, ...this.#here], shell);
  }

  /** Sends a process of the network a signal. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.#network.signal(name, signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#stopping.add(name);
  }

  /** Sends every process of the network a signal. */
  signalAll(signal: NodeJS.Signals): void {
    for (const name of this.#network.processes.names) this.signal(name, signal);
  }

  /** Has every process run again, the ledger first. */
  async mend(): Promise<void> {
    if (this.#network.processes.pidOf('ledger') !== undefined) this.signal('ledger', 'SIGCONT');
    await until('what was told to stop has stopped', () =>
      [...this.#stopping].every((name) => this.#network.processes.pidOf(name) === undefined),
    );
    this.#stopping.clear();
    for (const name of this.#network.processes.names)
      if (this.#network.processes.pidOf(name) === undefined) await this.#network.processes.restart(name);
  }

  stop(): Promise<void> {
    return this.#network.stop();
  }

  get #here(): readonly string[] {
    return ['--directory', this.#network.processes.layout.directory];
  }
}
