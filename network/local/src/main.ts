import { join } from 'node:path';
import { runProgram } from '@eko/command';
import { devUp } from './commands/dev';

// A network that was started in the background is a process of its own; this is it.
void runProgram([devUp], join(__dirname, '..'), process.argv.slice(2), process).then((status) => {
  process.exit(status);
});
