import { runBench } from '../test/bench/run.mjs';

await runBench(process.argv.slice(2));
