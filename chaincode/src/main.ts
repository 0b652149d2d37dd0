import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isEkoError } from '@eko/protocol';
import { loadVerifiers } from './contracts/load-verifiers';
import { dropUnwantedLines } from './drop-unwanted-lines';
import { startArguments } from './start-arguments';

/** The folder with package.json, where the shim looks for the contracts; this file is `dist/bundle/main.js` of it. */
const PACKAGE = join(__dirname, '../..');

// The first process of a container ignores signals it has no handler for. What is cut off here is only endorsements,
// which leave nothing behind and which the gateway asks another peer for.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

async function start(): Promise<void> {
  process.argv.splice(2, Infinity, ...startArguments(process.env, process.argv.slice(2), PACKAGE));
  // Only now: the shim reads the arguments while it is loaded.
  const { Shim } = await import('fabric-shim');
  dropUnwantedLines(Shim.newLogger('eko'));
  // Before a peer hears of this process: one that cannot verify would refuse every transaction.
  await loadVerifiers();
  // The shim's own command: it reads the arguments, finds the contracts by package.json and says what fails.
  createRequire(__filename)('fabric-shim/cli');
}

start().catch((error: unknown) => {
  const text = isEkoError(error) ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`eko chaincode: ${text}\n`);
  process.exitCode = 78;
});
