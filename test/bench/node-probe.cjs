/**
 * Loaded into every process of Node of a lane that profiles: answers `start`, `stop` and `collect` on a socket beside the
 * network. A node's own inspector stays shut, because it would show keys; this is for measurements only.
 */
'use strict';
const { mkdirSync } = require('node:fs');
const { Session } = require('node:inspector');
const { createServer } = require('node:net');
const { join } = require('node:path');

const SAMPLE_US = 500;

const session = new Session();
session.connect();
const post = (method, options) =>
  new Promise((resolve, reject) => {
    session.post(method, options, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });

const COMMANDS = {
  start: async () => {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await post('Profiler.start');
    return {};
  },
  stop: async () => (await post('Profiler.stop')).profile,
  collect: async () => {
    await post('HeapProfiler.collectGarbage');
    return {};
  },
};

module.exports = { COMMANDS };

const folder = process.env.BENCH_PROBES;
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  createServer({ allowHalfOpen: true }, (socket) => {
    let command = '';
    socket.setEncoding('utf8').on('data', (text) => (command += text));
    socket.on('end', () => {
      COMMANDS[command]().then(
        (answer) => socket.end(JSON.stringify({ answer })),
        (error) => socket.end(JSON.stringify({ error: String(error) })),
      );
    });
    socket.on('error', () => undefined);
  })
    .listen(join(folder, String(process.pid)))
    .unref();
}
