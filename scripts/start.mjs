import { runEko } from '@eko/cli';

process.exit(await runEko(['dev', 'up', ...process.argv.slice(2)], process));
