/**
 * Loaded before a child's own entry point: when standard input ends, whoever started this process is gone, and this
 * process stops as on SIGTERM. What has not stopped after a while is ended. So no child outlives its starter, however
 * that one died.
 */
const GRACE_MS = 8_000;

function stop(): void {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
}

process.stdin.once('end', stop);
process.stdin.once('error', stop);
process.stdin.resume();
// A socket, although typed as a terminal: watching it must not keep the process alive.
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();

export {};
