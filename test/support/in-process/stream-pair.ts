import { once } from 'node:events';
import type { SecureStream } from '@eko/sdk';
import type { AcceptedStream } from '../../../client-sdk/sdk/src/streams/secure-stream-server';
import { type StreamCredentials, type StreamRefusal, type StreamRole } from '@eko/sdk/node';
import {
  connectSecureStream,
  type ConnectSecureStreamOptions,
} from '../../../client-sdk/sdk/src/streams/connect-secure-stream';
import { LiveStreams } from '../../../client-sdk/sdk/src/streams/live-streams';
import {
  SecureStreamServer,
  type SecureStreamServerOptions,
} from '../../../client-sdk/sdk/src/streams/secure-stream-server';
import { credentialsOf, newStreamKeys, type StreamKeys } from './stream-credentials';

/** A provider and an initiator on 127.0.0.1 that share one stream. */
export interface StreamPair {
  readonly keys: StreamKeys;
  readonly port: number;
  readonly provider: LiveStreams;
  readonly initiator: LiveStreams;
  readonly server: SecureStreamServer;
  /** Connections that the handler was given, in order. */
  readonly accepted: { readonly stream: SecureStream; readonly info: AcceptedStream }[];
  readonly refusals: StreamRefusal[];
  connect(change?: Partial<ConnectSecureStreamOptions>): Promise<SecureStream>;
  /** Both ends of one new connection. */
  open(): Promise<{ readonly initiator: SecureStream; readonly provider: SecureStream }>;
  /** Waits until the server has turned away that many connections. */
  refused(count: number): Promise<void>;
  /** Waits until the handler was called that often. */
  acceptedCount(count: number): Promise<void>;
  /** Waits until no connection is left on the server. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** A busy machine is no failure; tests about time bring their own limits. */
const PATIENCE_MS = 30_000;

/** What one end makes of the streams' permissions; the ends of an honest pair agree. */
type Rights = Partial<Pick<StreamCredentials, 'directions' | 'maxConnections'>>;

export async function startStreamPair(
  options: Partial<SecureStreamServerOptions> & {
    readonly rights?: Partial<Record<StreamRole, Rights>>;
    /** Data that was refused, as `end direction`. */
    readonly onDirectionRefused?: (refused: string) => void;
  } = {},
): Promise<StreamPair> {
  const keys = newStreamKeys();
  const observed = (end: StreamRole) =>
    new LiveStreams({ onDirectionRefused: (_id, way) => options.onDirectionRefused?.(`${end} ${way}`) });
  const provider = options.streams ?? observed('provider');
  const initiator = observed('initiator');
  const accepted: StreamPair['accepted'] = [];
  const refusals: StreamRefusal[] = [];
  const changes = new EventTarget();
  const changed = () => changes.dispatchEvent(new Event('change'));
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await once(changes, 'change');
  };
  const server = new SecureStreamServer({
    ...options,
    limits: { handshakeMs: PATIENCE_MS, ...options.limits },
    streams: provider,
    handler: (stream, info) => {
      accepted.push({ stream, info });
      stream.once('close', () => setImmediate(changed));
      changed();
      return options.handler?.(stream, info);
    },
    onRefused: (refusal) => {
      refusals.push(refusal);
      setImmediate(changed);
    },
  });
  provider.grant(credentialsOf(keys, options.rights?.provider), 'provider');
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const connect: StreamPair['connect'] = (change = {}) =>
    connectSecureStream({
      host: '127.0.0.1',
      port,
      streams: initiator,
      credentials: credentialsOf(keys, options.rights?.initiator),
      deadlineMs: PATIENCE_MS,
      ...change,
    });
  return {
    keys,
    port,
    provider,
    initiator,
    server,
    accepted,
    refusals,
    connect,
    async open() {
      const index = accepted.length;
      const stream = await connect();
      await until(() => accepted.length > index);
      const served = accepted[index];
      if (served === undefined) throw new Error('the handler was not called');
      return { initiator: stream, provider: served.stream };
    },
    acceptedCount: (count) => until(() => accepted.length >= count),
    refused: (count) => until(() => refusals.length >= count),
    drained: () => until(() => server.connections.live + server.connections.pending === 0),
    async close() {
      initiator.close();
      await server.close();
      provider.close();
    },
  };
}
