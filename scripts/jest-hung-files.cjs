const { execFileSync } = require('node:child_process');

const MINUTE_MS = 60_000;
/** Several times what the slowest file takes on two busy cores; those that hurt a network of real processes take longest. */
const MINUTES = [['/test/fabric/', 10]];
/** The commands that run longer schedules of a file give it more. */
const GIVEN_MINUTES = process.env.EKO_FILE_MINUTES;
const deadlineOf = (path) =>
  Number(GIVEN_MINUTES ?? MINUTES.find(([folder]) => path.includes(folder))?.[1] ?? 5) * MINUTE_MS;

/**
 * A jest reporter: a deadline for whole test files.
 *
 * jest's own deadline needs a turn of the event loop of the test; a loop without end, or a wait for a child process
 * that holds that turn, would keep the whole run waiting. The workers of such a run are killed: jest then names each
 * file they were at as failed, and goes on with the others.
 */
class HungFilesReporter {
  #timers = new Map();

  onTestFileStart({ path }) {
    const deadlineMs = deadlineOf(path);
    this.#timers.set(
      path,
      setTimeout(() => {
        process.stderr.write(`${path} did not end within ${deadlineMs / 1000} s; its worker is killed\n`);
        for (const pid of childProcesses()) process.kill(pid, 'SIGKILL');
      }, deadlineMs),
    );
  }

  onTestFileResult({ path }) {
    clearTimeout(this.#timers.get(path));
    this.#timers.delete(path);
  }
}

/** The workers, by the system's own list: jest tells a reporter nothing of them. */
function childProcesses() {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === process.pid && command !== 'ps')
    .map(([pid]) => Number(pid));
}

module.exports = HungFilesReporter;
