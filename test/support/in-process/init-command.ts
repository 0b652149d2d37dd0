import { readFileSync } from 'node:fs';
import { commandLine } from './command-line';

/** What `eko init` printed, or its error. */
export async function init(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await commandLine(['init', ...args, '--json']);
  const printed = JSON.parse(status === 0 ? stdout : stderr) as { error?: Record<string, unknown> };
  return { status, ...printed, ...printed.error };
}

/** A JSON file. */
export const json = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

/** A connection profile as test-network writes it, by its facts. */
export function connectionProfile(
  number: number,
  pem: string,
  { endpoint = 'localhost:7051', mspId = `Org${number}MSP` } = {},
): { peers: Record<string, Record<string, unknown>> } {
  const peer = `peer0.org${number}.example.com`;
  return Object.assign(
    {
      name: 'a network',
      client: { organization: `Org${number}` },
      organizations: { [`Org${number}`]: { mspid: mspId, peers: [peer] } },
      channels: { mychannel: {} },
    },
    {
      peers: {
        [peer]: {
          url: `grpcs://${endpoint}`,
          tlsCACerts: { pem },
          grpcOptions: { 'ssl-target-name-override': peer },
        },
      },
    },
  );
}
