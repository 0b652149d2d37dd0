#!/usr/bin/env node
// A file of its own, because npm makes the command when it installs, which in a fresh clone is before the build.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const NOT_BUILT = 78;

if (existsSync(join(__dirname, '../dist/main.js'))) {
  require('../dist/main.js');
} else {
  process.stderr.write('eko is not built yet: run npm run build\n');
  process.exitCode = NOT_BUILT;
}
