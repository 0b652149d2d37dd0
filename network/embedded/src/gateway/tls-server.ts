import { EkoError } from '@eko/protocol';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { KeyPair } from '@eko/msp';

/** Where and how a server listens. */
export interface TlsServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly tls: KeyPair;
}

/** How long running calls may take to end when a server stops. */
const STOP_GRACE_MS = 2_000;

/** Makes a server that refuses longer messages. */
export function newServer(maxMessageBytes: number): Server {
  return new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': -1,
  });
}

/**
 * Starts to listen.
 *
 * @returns `host:port`
 * @throws EkoError `INVALID_CONFIG` if the address cannot be taken
 */
export async function listen(server: Server, { host, port, tls }: TlsServerOptions): Promise<string> {
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) },
  ]);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, (cause, boundPort) => {
      if (cause === null) resolve(boundPort);
      else reject(new EkoError('INVALID_CONFIG', `the ledger cannot listen on ${host}:${port}`, { cause }));
    });
  });
  return `${host}:${bound}`;
}

/** Lets running calls end, for a moment. */
export async function stopServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), STOP_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
