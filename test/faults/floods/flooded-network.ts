import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { streamPolicy, streamsOf } from '../../support/data/stream-request';
import { ProcessNetwork } from '../../support/processes/process-network';
import type { ProcessParty } from '../../support/processes/process-party';

const POLICY = streamPolicy({
  witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
});
const CALL_MS = 10_000;

/** A network to flood; the initiator acts from within the test, the provider is its own process. */
export class FloodedNetwork {
  readonly #network: ProcessNetwork;

  private constructor(network: ProcessNetwork) {
    this.#network = network;
  }

  static async start(): Promise<FloodedNetwork> {
    return new FloodedNetwork(await ProcessNetwork.start({ parties: ['initiator'] }));
  }

  get initiator(): ProcessParty {
    return this.#network.initiator;
  }

  portsOf(nodeId: string): ReturnType<ProcessNetwork['portsOf']> {
    return this.#network.portsOf(nodeId);
  }

  /** Streams of one bundle, active. */
  async activeBundle(streams: number): Promise<string> {
    const bundleId = randomUUID();
    const requested = this.initiator.client.requestStreams(POLICY, streamsOf('file', streams), { bundleId });
    const [stream] = await requested;
    await stream?.whenActive();
    return bundleId;
  }

  /** One of the witnesses that were drawn for a bundle. */
  async witnessOf(bundleId: string): Promise<string> {
    await this.initiator.stream(bundleId);
    const witness = this.initiator.client.bundles.get(bundleId)?.dealings[0]?.selection.witnesses[0];
    if (witness === undefined) throw new RangeError(`${bundleId} has no witnesses`);
    return witness;
  }

  /**
   * A program beside the provider that receives over a stream, whatever comes and however it ends: a sidecar lets an
   * initiator in only once there is one.
   */
  receiveAtProvider(streamId: string): Promise<number> {
    return this.callProvider('GET', `/v1/streams/${streamId}/data`);
  }

  /** A call of the provider's REST API with its token, on a connection of its own; answers the status, 0 for none. */
  callProvider(method: 'GET' | 'POST', path: string, body = ''): Promise<number> {
    const headers = {
      authorization: `Bearer ${this.token}`,
      connection: 'close',
      ...(method === 'POST'
        ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
        : {}),
    };
    return this.#statusOf(this.portsOf('provider').port, method, path, headers, body);
  }

  /** What a node's operations port answers, 0 for nothing. */
  ask(nodeId: string, path: string): Promise<number> {
    return this.#statusOf(this.portsOf(nodeId).operations, 'GET', path, { connection: 'close' }, '');
  }

  metricsOf(nodeId: string): Promise<string> {
    return this.#network.metricsOf(nodeId);
  }

  /** The lines of a node's log. */
  logOf(nodeId: string): readonly string[] {
    return readFileSync(this.#network.processes.layout.node(nodeId).log, 'utf8').trim().split('\n');
  }

  /** The token of the provider's API. */
  get token(): string {
    return readFileSync(this.#network.processes.layout.node('provider').token, 'utf8').trim();
  }

  stop(): Promise<void> {
    return this.#network.stop();
  }

  #statusOf(
    port: number,
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
    body: string,
  ): Promise<number> {
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(CALL_MS);
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers, signal, agent: false });
      outgoing.once('error', () => {
        resolve(0);
      });
      outgoing.once('response', (answer) => {
        answer.resume().once('close', () => {
          resolve(answer.statusCode ?? 0);
        });
      });
      outgoing.end(body);
    });
  }
}
