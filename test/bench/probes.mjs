/** Reaches into the processes of Node of this lane, and into this one, to profile them or to collect their garbage. */
import childProcess from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROBE = join(import.meta.dirname, 'node-probe.cjs');

/**
 * From now on, every process of Node that this one starts has a probe. A network has no option for that: nobody but the
 * bench is to reach into its processes.
 */
export function putProbesIntoChildren() {
  const folder = mkdtempSync(join(tmpdir(), 'eko-bench-probes-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { spawn } = childProcess;
  childProcess.spawn = (program, args, options) =>
    program === process.execPath
      ? spawn(program, ['--require', PROBE, ...args], {
          ...options,
          env: { ...options.env, BENCH_PROBES: folder },
        })
      : spawn(program, args, options);
  syncBuiltinESMExports();
  const own = createRequire(import.meta.url)(PROBE).COMMANDS;
  /** What a command of a process's probe answers. */
  return (pid, command) => (pid === process.pid ? own[command]() : ask(join(folder, String(pid)), command));
}

async function ask(path, command) {
  const socket = connect(path);
  socket.end(command);
  const parts = [];
  for await (const part of socket) parts.push(part);
  const { answer, error } = JSON.parse(Buffer.concat(parts).toString());
  if (error !== undefined) throw new Error(error);
  return answer;
}
