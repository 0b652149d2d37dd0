import { heedStopSignals } from '@eko/node-kit/stop-signal';

// Before anything else is loaded: from here on the process ends by itself, also as the first of a container.
const stop = heedStopSignals(process);

void Promise.all([
  import('@eko/node-kit'),
  import('./orchestrator-settings.js'),
  import('./start-orchestrator.js'),
]).then(([{ runConfiguredNode }, { OrchestratorSettings }, { startOrchestrator }]) =>
  runConfiguredNode(process, stop, OrchestratorSettings, startOrchestrator),
);
