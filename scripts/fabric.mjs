import { runEko } from '@eko/cli';

process.exit(await runEko(['fabric', ...process.argv.slice(2)], process));
