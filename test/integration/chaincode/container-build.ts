import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInBuild } from '../../support/processes/npm-install';

/** What a Dockerfile makes, laid out in folders: its last stage as the image would be, and how it is started. */
export interface BuiltImage {
  /** The root of its file system, as far as the Dockerfile fills it. */
  readonly root: string;
  readonly workingFolder: string;
  readonly command: readonly string[];
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The image that each stage starts from. */
  readonly bases: readonly string[];
}

interface Stage {
  readonly root: string;
  workingFolder: string;
  command: readonly string[];
  user: string;
  readonly environment: Record<string, string>;
}

/**
 * Does by hand, without a container engine, what an engine does with a Dockerfile: each stage is a folder, COPY copies
 * from the context or an earlier stage, RUN runs with this machine's own programs. It knows the instructions that ours
 * uses and refuses every other.
 */
export async function buildByHand(
  dockerfile: string,
  context: string,
  newFolder: () => string,
): Promise<BuiltImage> {
  const stages = new Map<string, Stage>();
  const bases: string[] = [];
  let stage: Stage | undefined;
  for (const [instruction, rest] of instructionsOf(readFileSync(dockerfile, 'utf8'))) {
    if (instruction === 'FROM') {
      const [base = '', , name = String(stages.size)] = rest.split(/\s+/);
      bases.push(base);
      stage = { root: newFolder(), workingFolder: '/', command: [], user: 'root', environment: {} };
      stages.set(name, stage);
      continue;
    }
    if (stage === undefined) throw new Error(`${instruction} stands before FROM`);
    await carryOut(instruction, rest, stage, stages, context);
  }
  if (stage === undefined) throw new Error('there is no stage');
  return { ...stage, workingFolder: join(stage.root, stage.workingFolder), bases };
}

function instructionsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [instruction = '', ...rest] = line.trim().split(/\s+/);
      return [instruction, rest.join(' ')] as const;
    });
}

async function carryOut(
  instruction: string,
  rest: string,
  stage: Stage,
  stages: ReadonlyMap<string, Stage>,
  context: string,
): Promise<void> {
  const here = join(stage.root, stage.workingFolder);
  switch (instruction) {
    case 'WORKDIR':
      stage.workingFolder = rest;
      mkdirSync(join(stage.root, rest), { recursive: true });
      return;
    case 'COPY':
      copy(rest.split(' '), here, stages, context);
      return;
    case 'RUN':
      await runInBuild(rest, here);
      return;
    case 'CMD':
      stage.command = JSON.parse(rest) as string[];
      return;
    case 'USER':
      stage.user = rest;
      return;
    case 'ENV': {
      const [name = '', value = ''] = rest.split('=');
      stage.environment[name] = value;
      return;
    }
    case 'ARG':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${instruction} is not known here`);
  }
}

function copy(
  words: readonly string[],
  here: string,
  stages: ReadonlyMap<string, Stage>,
  context: string,
): void {
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = join(here, paths.at(-1) ?? '');
  const source = from === undefined ? context : stages.get(from)?.root;
  if (source === undefined) throw new Error(`there is no stage ${from}`);
  const isInto = paths.at(-1)?.endsWith('/') === true;
  for (const path of paths.slice(0, -1)) {
    const destination = isInto ? join(target, path.split('/').at(-1) ?? '') : target;
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(join(source, path), destination, { recursive: true, verbatimSymlinks: true });
  }
}
