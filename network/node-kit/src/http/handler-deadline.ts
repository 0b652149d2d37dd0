import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { waitWithin } from '@eko/sdk/node';

/** What tells the handlers of a connection that nobody waits any more: one for all of its requests, until it has spoken. */
const stops = new WeakMap<Socket, AbortController>();

/**
 * Runs a handler until it answers, its time is over or the caller is gone; its signal tells it of the last two. Where a
 * caller sends requests without waiting for answers, it hears of those of the others too.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` or `CANCELLED`, else whatever the handler throws
 */
export function handleWithin<T>(
  response: ServerResponse,
  deadlineMs: number,
  handler: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { socket } = response.req;
  return waitWithin({
    what: 'the request',
    deadlineMs,
    listen: (cancel) => {
      response.once('close', cancel);
      return () => response.off('close', cancel);
    },
    begin: (resolve, reject) => {
      const stop = stops.get(socket) ?? newStop(socket);
      handler(stop.signal).then(resolve, reject);
      return (reason) => {
        stops.delete(socket);
        stop.abort(reason);
      };
    },
  });
}

function newStop(socket: Socket): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  stops.set(socket, stop);
  return stop;
}
