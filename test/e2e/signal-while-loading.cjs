/** Preloaded into a node: sends it a SIGTERM while it loads what it is made of. */
const Module = require('node:module');

const load = Module._load;
let isSent = false;
Module._load = function (request, parent, isMain) {
  if (!isSent && request === '@eko/sdk/node') {
    isSent = true;
    process.kill(process.pid, 'SIGTERM');
  }
  return load.call(this, request, parent, isMain);
};
