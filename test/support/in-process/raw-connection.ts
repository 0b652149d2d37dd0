import { connect, type ConnectionOptions } from 'node:tls';
import type { TlsIdentity } from '@eko/sdk/node';

/** A TLS connection by hand: sends text as it is and collects what comes back until the other end closes. */
export function exchangeRaw(
  port: number,
  tls: TlsIdentity | undefined,
  text: string,
  options: ConnectionOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(tls === undefined ? {} : { key: Buffer.from(tls.key), cert: tls.certificate }),
      ...options,
    });
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.once('secureConnect', () => socket.write(text));
    socket.once('error', (error: Error) => {
      if (received === '') reject(error);
    });
    socket.once('close', () => resolve(received));
  });
}

/** A POST by hand; `connection: close` so that the exchange ends. */
export function postText(path: string, body: string, headers: readonly string[] = []): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'host: x',
    'connection: close',
    ...(headers.some((header) => header.startsWith('content-type'))
      ? []
      : ['content-type: application/json']),
    ...(headers.some((header) => /^(content-length|transfer-encoding)/.test(header))
      ? []
      : [`content-length: ${Buffer.byteLength(body)}`]),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The status of the first answer, and the code of its problem document. */
export function outcomeOf(answer: string): { status: number; code: string | undefined } {
  return {
    status: Number(/^HTTP\/1\.1 ([0-9]{3})/.exec(answer)?.[1]),
    code: /"code":"([A-Z_]+)"/.exec(answer)?.[1],
  };
}
