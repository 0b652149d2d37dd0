/**
 * The `eko` command, to be run by another program.
 *
 * @packageDocumentation
 */
export { runEko } from './run-eko';
