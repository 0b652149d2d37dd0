import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNodeFoundation } from '@eko/node-kit';
import { EkoClient } from '@eko/sdk';
import { DevNetwork } from '../../client-sdk/cli/dist/dev/dev-network.js';

const DEFAULTS = { operationsHost: '127.0.0.1', operationsPort: 0, logLevel: 'silent' };

/**
 * The development network as processes, with both parties as clients of this process instead of their own.
 *
 * @param ledger - a `LedgerChoice`; the embedded ledger without it
 * @returns the network, the clients with their ledgers, and `close`
 */
export async function withParties({ blockTimeoutMs, ledger, progress }) {
  const directory = await mkdtemp(join(tmpdir(), 'eko-bench-'));
  const network = await DevNetwork.up({
    directory,
    blockTimeoutMs,
    ledger,
    env: process.env,
    onProgress: ({ name, step }) => step === 'ready' && progress(`${name} is ready`),
  });
  const opened = [];
  const party = async (nodeId) => {
    await network.kill(nodeId);
    const { configuration } = network.layout.node(nodeId);
    const settings = { ...DEFAULTS, ...JSON.parse(readFileSync(configuration, 'utf8')), ...DEFAULTS };
    const base = await openNodeFoundation(settings, 'party');
    const keys = {
      nodeId,
      kem: base.kem,
      sign: base.sign,
      tls: { keyPem: Buffer.from(base.keys.tls.key).toString(), certPem: base.keys.tls.certificate },
    };
    const client = await EkoClient.connect({ ledger: base.ledger, keys, peers: base.client });
    opened.push(async () => {
      await client.close();
      await base.close();
    });
    return { client, ledger: base.ledger, settings };
  };
  const provider = await party('provider');
  const initiator = await party('initiator');
  return {
    network,
    provider,
    initiator,
    close: async () => {
      for (const close of opened) await close();
      await network.down();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A policy that the development network's provider has consented to: 2 dealers, 2 of 3 witnesses. */
export const POLICY = {
  provider: 'provider',
  durationSeconds: 3600,
  witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 2 },
  dealers: 2,
  onLedgerLoss: 'continue',
};
export const REQUEST = { dataType: 'file', permissions: ['read'] };
