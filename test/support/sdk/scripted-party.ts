import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PartyAccess } from '../../../client-sdk/sdk/src/rest/party-api';

/** What a party answers, by `METHOD last-part-of-path`. */
export type Script = Readonly<
  Record<string, (request: IncomingMessage, response: ServerResponse) => void | Promise<void>>
>;

/** A party's REST API that does what a test says. */
export async function scriptedParty(script: Script) {
  /** What was asked for, in order. */
  const calls: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [path = ''] = (request.url ?? '').split('?');
    const parts = path.split('/');
    const name = parts.at(-2) === 'transfers' ? 'transfer' : (parts.at(-1) ?? '');
    const call = `${request.method ?? ''} ${name}`;
    calls.push(call);
    // A request that its sender breaks off is what some tests are about.
    void Promise.resolve(script[call]?.(request, response)).catch(() => undefined);
  };
  const server = createServer(answer).on('checkContinue', answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const access: PartyAccess = {
    address: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    token: 'token',
  };
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { access, calls, close };
}

/** The count and hash of some bytes, as a party tells them. */
export function totalsOf(bytes: Buffer): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Answers JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
