import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['peer', 'orderer', 'cryptogen', 'configtxgen', 'osnadmin'];

/** Whether Fabric's programs are where the network will look for them. */
export function hasFabricPrograms(): boolean {
  const { FABRIC_BIN: given = '', PATH = '' } = process.env;
  const folders = given === '' ? PATH.split(delimiter) : [given];
  return NAMES.every((name) => folders.some((folder) => folder !== '' && existsSync(join(folder, name))));
}

/** Why tests on a real network are skipped. */
export const NO_FABRIC = "Fabric's programs are neither in FABRIC_BIN nor on PATH";
