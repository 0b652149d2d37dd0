import { heedStopSignals } from '@eko/node-kit/stop-signal';

// Before anything else is loaded: from here on the process ends by itself, also as the first of a container.
const stop = heedStopSignals(process);

void Promise.all([import('@eko/node-kit'), import('./start-witness.js')]).then(
  ([{ runConfiguredNode }, { WitnessSettings, startWitness }]) =>
    runConfiguredNode(process, stop, WitnessSettings, startWitness),
);
