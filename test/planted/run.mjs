import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUGS = fileURLToPath(new URL('bugs/', import.meta.url));
const DEADLINE_MS = 240_000;

const HELP = `Plants dangerous bugs in a copy of the source, one at a time, and sees whether the named test finds each.

  npm run test:planted                 all of them
  npm run test:planted -- --only TEXT  those whose file, fault or test has TEXT in it
  npm run test:planted -- --jobs N     so many at a time (as many as there are cores)
  npm run test:planted -- --check      none: only sees that each can be planted, and that its test is there

A line a bug: what became of it, where it was planted, what it does, and the test that found it. The lists are in
test/planted/bugs. Ends with status 0 only if every bug was found by an assertion of its test; a test that merely runs
into its deadline has not found it.
`;

/**
 * A bug to plant.
 * @typedef {object} Bug
 * @property {string} file - the source file, from the root of the repository
 * @property {string} what - the fault, in words
 * @property {string} find - the text to replace: it stands in the file exactly once
 * @property {string} replace - what is put in its place
 * @property {string} test - the test file that must find it
 */

/** @returns {Promise<Bug[]>} */
async function readBugs() {
  const files = (await readdir(BUGS)).filter((name) => name.endsWith('.mjs')).sort();
  const lists = await Promise.all(files.map((name) => import(join(BUGS, name))));
  return lists.flatMap(({ bugs }) => bugs);
}

/** A copy of the tree that bugs can be planted in. Links of workspaces are not followed: jest maps them to the copy. */
async function copyTree() {
  const folder = await mkdtemp(join(tmpdir(), 'eko-planted-'));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const path of listed.split('\0').filter(Boolean)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(ROOT, path), join(folder, path)).catch((error) => {
      // Git still lists a file that was deleted and not committed.
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/**
 * Runs one test file.
 * @returns {Promise<{ ended: boolean, failures: { name: string, text: string }[] }>}
 */
async function runTest(folder, test) {
  const report = join(folder, 'planted-report.json');
  await rm(report, { force: true });
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(
    process.execPath,
    [
      jest,
      test,
      '--runTestsByPath',
      '--runInBand',
      '--reporters=default',
      '--json',
      `--outputFile=${report}`,
    ],
    { cwd: folder, stdio: 'ignore', timeout: DEADLINE_MS, killSignal: 'SIGKILL' },
  );
  await new Promise((resolve) => child.on('close', resolve));
  const results = await readFile(report, 'utf8').then(JSON.parse, () => undefined);
  if (results === undefined) return { ended: false, failures: [] };
  const failures = results.testResults.flatMap(({ assertionResults, message }) => {
    const failed = assertionResults.filter(({ status: outcome }) => outcome === 'failed');
    if (failed.length === 0 && assertionResults.length === 0)
      return [{ name: 'the file itself', text: message }];
    return failed.map(({ fullName, failureMessages }) => ({
      name: fullName,
      text: failureMessages.join('\n'),
    }));
  });
  return { ended: true, failures };
}

/** The tests of each file that fail with no bug planted, such as those that need what is built: they find nothing. */
const failingAnyway = new Map();

/** @returns {Promise<Set<string>>} */
function failsAnyway(folder, test) {
  const known = failingAnyway.get(test);
  if (known !== undefined) return known;
  const names = runTest(folder, test).then(({ failures }) => new Set(failures.map(({ name }) => name)));
  failingAnyway.set(test, names);
  return names;
}

/**
 * Tells why a bug cannot be planted, if so.
 * @param {Bug} bug
 * @returns {string | undefined}
 */
function obstacle({ find, test }, source) {
  if (source === undefined) return 'the file is gone: plant it elsewhere';
  if (!existsSync(join(ROOT, test))) return `there is no ${test}: name another`;
  const places = source.split(find).length - 1;
  return places === 1 ? undefined : `its text stands ${places} times in the file: mend the list`;
}

const readSource = (folder, file) => readFile(join(folder, file), 'utf8').catch(() => undefined);

/**
 * Plants a bug, runs its test, and takes the bug away again.
 * @param {Bug} bug
 * @returns {Promise<{ found: boolean, says: string }>}
 */
async function tryBug(folder, bug) {
  const { file, find, replace, test } = bug;
  const path = join(folder, file);
  const source = await readSource(folder, file);
  const why = obstacle(bug, source);
  if (why !== undefined) return { found: false, says: why };
  const anyway = await failsAnyway(folder, test);
  if (anyway.has('the file itself'))
    return { found: false, says: `${test} does not load without the bug either` };
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
  try {
    const { ended, failures: all } = await runTest(folder, test);
    const failures = all.filter(({ name }) => !anyway.has(name));
    if (!ended) return { found: false, says: `${test} came to no end` };
    if (failures.length === 0) return { found: false, says: `${test} passes all the same` };
    const byAssertion = failures.find(({ text }) => !text.includes('Exceeded timeout'));
    if (byAssertion === undefined) return { found: false, says: `${test} only hangs` };
    if (byAssertion.name === 'the file itself') return { found: false, says: `${test} does not load` };
    return { found: true, says: `${test}: ${byAssertion.name}` };
  } finally {
    await writeFile(path, source);
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      jobs: { type: 'string' },
      check: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const jobs = Number(values.jobs ?? availableParallelism());
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
    throw new RangeError('--jobs takes a number from 1 to 64');
  const all = await readBugs();
  const bugs = all.filter(({ file, what, test }) => `${file} ${what} ${test}`.includes(values.only ?? ''));
  if (bugs.length === 0) throw new RangeError('no bug of the lists has that text');
  if (values.check) {
    const sources = await Promise.all(bugs.map(({ file }) => readSource(ROOT, file)));
    const stuck = bugs.filter((bug, place) => obstacle(bug, sources[place]) !== undefined);
    for (const bug of stuck)
      console.log(`${bug.file}: ${bug.what} (${obstacle(bug, sources[bugs.indexOf(bug)])})`);
    console.log(`${bugs.length - stuck.length} of ${bugs.length} bugs can be planted`);
    return stuck.length === 0 ? 0 : 1;
  }
  const waiting = [...bugs];
  let found = 0;
  await Promise.all(
    Array.from({ length: Math.min(jobs, bugs.length) }, async () => {
      const folder = await copyTree();
      try {
        for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
          const outcome = await tryBug(folder, bug);
          if (outcome.found) found += 1;
          console.log(`${outcome.found ? 'found ' : 'MISSED'}  ${bug.file}: ${bug.what} (${outcome.says})`);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
  );
  console.log(`${found} of ${bugs.length} planted bugs were found`);
  return found === bugs.length ? 0 : 1;
}

process.exitCode = await main();
