import { setMaxListeners } from 'node:events';

/** A controller whose signal ends as many calls as are under way; Node warns of a leak from the eleventh on otherwise. */
export function newStopController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
