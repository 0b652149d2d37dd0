#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from './command-table';
import { runCommandLine } from './run-command-line';
import { stopSignal } from './stop-signal';

const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  version: string;
};

// Somebody who reads only the first lines (`eko node show | head -1`) closes the pipe: that is no failure.
process.stdout.on('error', () => process.exit(0));

void runCommandLine(COMMANDS, version, process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: stopSignal(process),
}).then((status) => {
  process.exitCode = status;
});
