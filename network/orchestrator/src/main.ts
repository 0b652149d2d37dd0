import { runConfiguredNode } from '@eko/node-kit';
import { OrchestratorSettings } from './orchestrator-settings';
import { startOrchestrator } from './start-orchestrator';

void runConfiguredNode(process, OrchestratorSettings, startOrchestrator);
