export { askOperations, type OperationsAnswer } from './ask-operations';
export { inParallel } from './in-parallel';
export { lastLogLine, lastLogLines } from './last-log-line';
export { checkPortsAreFree, freePorts, type KeptPort } from './ports';
export { isMissing, writeWhole } from './whole-file';
