import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withStagedCheckout } from './staged-checkout.mjs';

const HERE = join(import.meta.dirname, '..', '..');
/** Two Fabric networks need base ports far apart, below those that the system gives to clients. */
const BASE_PORT = 27_050;
const PORTS_A_LANE = 2_000;

/**
 * A network of one checkout with both of its parties, in a process of its own, that measures on demand: whoever compares
 * two checkouts has one lane for each, and lets them take turns.
 */
class Lane {
  #child;
  #waiting = new Map();
  #calls = 0;
  #ready;

  constructor(name, root, options, progress) {
    this.name = name;
    this.#child = fork(join(root, 'test', 'bench', 'lane-process.mjs'), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#child.once('exit', (code) => {
        const ended = new Error(`The process of ${name} ended with ${code}`);
        reject(ended);
        for (const call of this.#waiting.values()) call.reject(ended);
      });
      this.#child.on('message', (message) => {
        if (message.progress !== undefined) progress(message.progress);
        else if (message.nodes !== undefined) resolve(message.nodes);
        else this.#answered(message);
      });
    });
  }

  /** Waits until the network is there; `nodes` then has how many there are of each kind. */
  async isReady() {
    this.nodes = await this.#ready;
  }

  /** Has the lane measure something; the answer is what the command of that name answers. */
  call(command, options = {}) {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command, options });
    });
  }

  /** Takes the network down. */
  async close(hasFailed) {
    if (this.#child.exitCode !== null || !this.#child.connected) return;
    this.#child.send({ command: 'quit', options: { hasFailed } });
    await once(this.#child, 'exit');
  }

  #answered({ id, result, error }) {
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${this.name}: ${error}`));
  }
}

/**
 * Runs `work` with a lane of this checkout and, where there is something to compare it with, a second one of that.
 *
 * @param ledger - `embedded` or `fabric`
 * @param against - a built checkout
 * @param withProbes - whether processes can be profiled and told to collect their garbage
 */
export async function withLanes({ ledger, against, withProbes = false, progress }, work) {
  const options = { ledger, withProbes };
  if (against === undefined) return opened([['change', HERE]], options, progress, work);
  return withStagedCheckout(against, (stage) =>
    opened(
      [
        ['change', HERE],
        ['base', stage],
      ],
      options,
      progress,
      work,
    ),
  );
}

async function opened(roots, options, progress, work) {
  const lanes = [];
  let hasFailed = true;
  try {
    for (const [place, [name, root]] of roots.entries()) {
      const ofLane = { ...options, basePort: BASE_PORT + place * PORTS_A_LANE };
      const lane = new Lane(name, root, ofLane, (line) =>
        progress(roots.length === 1 ? line : `${name}: ${line}`),
      );
      lanes.push(lane);
      await lane.isReady();
    }
    const result = await work(lanes);
    hasFailed = false;
    return result;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close(hasFailed)));
  }
}
