import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EkoError, type ErrorCode } from '@eko/protocol';
import { encodeProblem } from '@eko/protocol/rest';
import type { StreamDocument, TransferDocument } from '@eko/protocol/rest';
import type { PartyAccess } from '@eko/sdk/rest';

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

const BUNDLE = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';

/** A transfer as a party shows it. */
export function transferOf(change: Partial<TransferDocument>): TransferDocument {
  return {
    transferId: 'c2a4a2b0-2f0b-4b7e-8d6e-0d5f3c1b2a49',
    streamId: `${BUNDLE}/0`,
    direction: 'send',
    state: 'waiting',
    bytes: 0,
    ...change,
  };
}

/** A transfer that failed, as a party shows it. */
export const failedTransfer = (code: ErrorCode, text = 'why'): TransferDocument =>
  transferOf({ state: 'failed', failure: encodeProblem(new EkoError(code, text)) });

/** A stream as a party shows it. */
export function streamOf(change: Partial<StreamDocument>): StreamDocument {
  return {
    streamId: `${BUNDLE}/0`,
    bundleId: BUNDLE,
    index: 0,
    role: 'initiator',
    state: 'active',
    initiator: 'initiator',
    provider: 'provider',
    request: { dataType: 'file', permissions: ['read'] },
    requestTxId: '0'.repeat(64),
    requestedAt: '2029-12-31T23:00:00.000Z',
    notAfter: '2030-01-01T00:00:00.000Z',
    ...change,
  };
}

/** What a party answers whoever sent these bytes. */
export const sentOf = (bytes: Buffer) => ({ transferId: transferOf({}).transferId, ...totalsOf(bytes) });

/** Answers JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
