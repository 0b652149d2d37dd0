import { runEko } from './run-eko';

void runEko(process.argv.slice(2), process).then((status) => {
  // What is still open now (a pipe to a reader, an idle connection) must not hold the command up.
  process.exit(status);
});
