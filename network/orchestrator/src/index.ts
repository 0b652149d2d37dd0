/**
 * The node that deals: it draws witnesses, makes its contribution to a key, and seals the shares for their holders.
 *
 * @packageDocumentation
 */
export { OrchestratorSettings } from './orchestrator-settings';
export { startOrchestrator } from './start-orchestrator';
