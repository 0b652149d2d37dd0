import { runEko } from '@eko/cli';

process.exit(await runEko(['dev', 'reset', ...process.argv.slice(2)], process));
