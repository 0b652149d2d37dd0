// Takes a lock again and again, says where another has it too, and ends without giving it back.
const { closeSync, openSync, unlinkSync } = require('node:fs');
const { join } = require('node:path');

const [, , built, folder] = process.argv;
const { ProcessLock } = require(built);
const TAKES = 12;

/** Whoever has the lock is alone with this file. */
function useAlone(say) {
  const used = join(folder, 'used');
  try {
    closeSync(openSync(used, 'wx'));
  } catch {
    say('overlap\n');
    return;
  }
  unlinkSync(used);
  say('had\n');
}

async function contend() {
  const said = [];
  for (let had = 0; had < TAKES;) {
    const lock = await ProcessLock.take(join(folder, 'lock'));
    if (lock === undefined) continue;
    had += 1;
    useAlone((line) => said.push(line));
    if (had < TAKES) await lock.release();
  }
  process.stdout.write(said.join(''));
}

void contend();
