import { runEko } from '@eko/cli';

process.exit(await runEko(['demo', ...process.argv.slice(2)], process));
