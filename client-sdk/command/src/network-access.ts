import { EkoError } from '@eko/protocol';
import { Type, parseStrictJson, parseWith, type Static } from '@eko/protocol/encoding';
import { strictObject } from '@eko/protocol/ledger';
import { isMissing, writeWhole } from '@eko/protocol/node';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CommandOption } from './command';

/** Where a development network keeps its state, for all `dev` commands. */
export const DIRECTORY_OPTION: CommandOption = {
  flags: '--directory <path>',
  summary: 'where the network keeps its state',
  defaultValue: '.eko',
};

const FILE = 'access.json';
/** A network of an earlier version has this without the file above. */
const PLAN_FILE = 'network.json';
const MAX_BYTES = 64 * 1024;

/** What a network on this machine tells commands about itself: where its parties are. */
export const NetworkAccess = strictObject({
  version: Type.Literal(1),
  parties: Type.Array(
    strictObject({
      nodeId: Type.String(),
      /** Of its REST API. */
      address: Type.String(),
      /** A path from the network's directory. */
      tokenFile: Type.String(),
    }),
  ),
});
export type NetworkAccess = Static<typeof NetworkAccess>;

/**
 * Reads what the network in a directory says of itself; its paths are complete.
 *
 * @throws EkoError `NOT_FOUND` where there is none, or one that has not said anything of itself yet, `INVALID_CONFIG`
 *   where the file cannot be read, `CORRUPT_RECORD`
 */
export async function readNetworkAccess(directory: string): Promise<NetworkAccess> {
  const file = networkAccessFile(directory);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (isMissing(cause))
      throw existsSync(networkPlanFile(directory)) ? noAccess(file) : noNetwork(directory);
    throw new EkoError('INVALID_CONFIG', `${file} cannot be read`, { details: { file }, cause });
  });
  try {
    const value = parseStrictJson(text, { maxBytes: MAX_BYTES, maxDepth: 4 });
    const access = parseWith(NetworkAccess, value, file, 'CORRUPT_RECORD');
    const parties = access.parties.map((each) => ({
      ...each,
      tokenFile: resolve(directory, each.tokenFile),
    }));
    return { ...access, parties };
  } catch (cause) {
    throw new EkoError('CORRUPT_RECORD', `${file} was changed or cut`, { details: { file }, cause });
  }
}

/**
 * Where a party of the network in a directory is, and the file of its token.
 *
 * @throws EkoError `NOT_FOUND` where that network has no such party; as `readNetworkAccess`
 */
export async function networkParty(
  directory: string,
  nodeId: string,
): Promise<NetworkAccess['parties'][number]> {
  const { parties } = await readNetworkAccess(directory);
  const party = parties.find((each) => each.nodeId === nodeId);
  if (party !== undefined) return party;
  throw new EkoError('NOT_FOUND', `The network in ${directory} has no party ${nodeId}`, {
    details: { nodeId },
  });
}

/** Writes it for the network in a directory, whole. */
export async function writeNetworkAccess(directory: string, access: NetworkAccess): Promise<void> {
  await writeWhole(networkAccessFile(directory), `${JSON.stringify(access, undefined, 2)}\n`);
}

/** The file that says it, in the directory of a network. */
export function networkAccessFile(directory: string): string {
  return join(directory, FILE);
}

/** The plan of a development network, in its directory. */
export function networkPlanFile(directory: string): string {
  return join(directory, PLAN_FILE);
}

/** The Fabric profile of somebody who only reads, in the directory of a network. */
export function readerProfileFile(directory: string): string {
  return join(directory, 'reader.profile.json');
}

/** The error where a directory has a network that does not say where its parties are. */
function noAccess(file: string): EkoError {
  return new EkoError('NOT_FOUND', `There is a network, but no ${file}, which says where its parties are`, {
    details: { file, next: 'start it again, which writes that file: eko dev down, then eko dev up' },
  });
}

/** The error where a directory has no network. */
export function noNetwork(directory: string): EkoError {
  return new EkoError('NOT_FOUND', `No development network in ${directory}`, {
    details: {
      directory,
      next: 'start one: eko dev up; or name the folder of one that there is: --directory',
    },
  });
}
