import { heedStopSignals } from '@eko/node-kit/stop-signal';

// Before anything else is loaded: from here on the process ends by itself, also as the first of a container.
const stop = heedStopSignals(process);

void Promise.all([import('@eko/node-kit'), import('./start-party.js')]).then(
  ([{ runConfiguredNode }, { PartySettings, startParty }]) =>
    runConfiguredNode(process, stop, PartySettings, startParty),
);
