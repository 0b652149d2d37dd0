import { Type, type Static } from '@eko/protocol/encoding';
import { strictObject } from '@eko/protocol/ledger';
import type { Socket } from 'node:net';

/** What a running network is asked to do. */
export const ControlRequest = strictObject({
  token: Type.String({ maxLength: 64 }),
  act: Type.Union([Type.Literal('status'), Type.Literal('stop'), Type.Literal('restart')]),
  name: Type.Optional(Type.String({ maxLength: 63 })),
});
export type ControlRequest = Static<typeof ControlRequest>;

/** Its answer: what runs, by name, with process IDs; or why not. */
export const ControlAnswer = strictObject({
  processes: Type.Array(strictObject({ name: Type.String(), pid: Type.Optional(Type.Integer()) })),
  error: Type.Optional(strictObject({ code: Type.String(), message: Type.String() })),
});
export type ControlAnswer = Static<typeof ControlAnswer>;

/** Where the running network listens for its owner; the file is readable for that one alone. */
export const RunningFile = strictObject({ port: Type.Integer(), token: Type.String() });
export type RunningFile = Static<typeof RunningFile>;

/** The control connection never leaves this machine. */
export const CONTROL_HOST = '127.0.0.1';

/** Limits of a line of either side. */
export const CONTROL_LINE = { maxBytes: 16 * 1024, maxDepth: 4 } as const;

/** A connection ended, or went on beyond the limit, without a line. */
export class NoLineError extends Error {}

/** Reads one line of JSON; rejects where the connection ends or the line goes on beyond its limit. */
export async function readLine(socket: Socket): Promise<string> {
  socket.setEncoding('utf8');
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
    if (text.length > CONTROL_LINE.maxBytes) break;
  }
  throw new NoLineError();
}
