export { OrchestratorSettings } from './orchestrator-settings';
export { startOrchestrator } from './start-orchestrator';
