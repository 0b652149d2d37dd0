import { loadConfiguration, parseNodeArguments, runNode } from '@eko/node-kit';
import { OrchestratorSettings } from './orchestrator-settings';
import { startOrchestrator } from './start-orchestrator';

void runNode(process, () => {
  const { file, flags } = parseNodeArguments(process.argv.slice(2));
  const { settings } = loadConfiguration({
    schema: OrchestratorSettings,
    file,
    flags,
    environment: process.env,
    environmentPrefix: 'EKO_',
  });
  return startOrchestrator(settings);
});
