import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { openNodeFoundation } from '@eko/node-kit';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { systemRandom } from '@eko/protocol/node';
import { EkoClient } from '@eko/sdk';
import { systemClocks } from '../../network/node-kit/dist/process/clocks.js';
import { DevNetwork } from '../../network/local/dist/dev/dev-network.js';
import { DEV_OFFER } from '../../network/local/dist/dev/network-plan.js';
import { withFolder } from './kept-folder.mjs';

const DEFAULTS = { operationsHost: '127.0.0.1', operationsPort: 0, logLevel: 'silent' };

/** A machine with other work must not end a run: it shows in the figures. */
const BOUNDS = { openMs: 120_000 };

/**
 * The development network as processes, as long as `work` takes, with both parties as clients of this process instead of
 * their own. When anything of it fails, the network's folder stays.
 *
 * @param ledger - a `LedgerChoice`; the embedded ledger without it
 * @param work - gets the network and both parties
 */
export async function withParties({ blockTimeoutMs, ledger, progress }, work) {
  return withFolder({ prefix: 'eko-bench-', progress }, async (directory) => {
    const network = await DevNetwork.up({
      directory,
      blockTimeoutMs,
      ledger,
      env: process.env,
      onProgress: ({ name, step }) => step === 'ready' && progress(`${name} is ready`),
      onLost: (name) => progress(`${name} ended by itself`),
    });
    const opened = [];
    try {
      const provider = await openParty(network, 'provider', opened);
      await provider.ledger.submit(TRANSACTIONS.publishOffer, { nodeId: 'provider', offer: OFFER });
      const initiator = await openParty(network, 'initiator', opened);
      return await work({ network, provider, initiator });
    } catch (error) {
      // Said here: what is cut off by the closing below would end this process before its own error is shown.
      progress(`failed: ${inspect(error)}`);
      throw error;
    } finally {
      for (const close of opened) await close();
      await network.down();
    }
  });
}

async function openParty(network, nodeId, opened) {
  await network.kill(nodeId);
  const { configuration } = network.layout.node(nodeId);
  const settings = { ...DEFAULTS, ...JSON.parse(readFileSync(configuration, 'utf8')), ...DEFAULTS };
  const closers = [];
  const base = await openNodeFoundation(settings, 'party', {
    signal: new AbortController().signal,
    clocks: systemClocks,
    random: systemRandom,
    onStop: (close) => closers.unshift(close),
  });
  const keys = {
    nodeId,
    kem: base.kem,
    sign: base.sign,
    tls: { keyPem: Buffer.from(base.keys.tls.key).toString(), certPem: base.keys.tls.certificate },
  };
  const client = await EkoClient.connect({
    ledger: base.ledger,
    keys,
    peers: base.client,
    endpoints: base.endpoints,
    bounds: BOUNDS,
  });
  closers.unshift(() => client.close());
  const close = async () => {
    for (const each of closers.splice(0)) await each();
  };
  opened.unshift(close);
  return { client, ledger: base.ledger, settings, base, close };
}

/**
 * Streams of the bench outlive a ledger that is kept busy; the network's own offer asks for the other choice. One dealer
 * leaves an orchestrator over that has no part in a stream.
 */
const OFFER = { ...DEV_OFFER, offerId: 'bench', minDealers: 1, onLedgerLoss: 'continue' };

/** A policy that the development network's provider has consented to: 2 dealers, 2 of 3 witnesses. */
export const POLICY = {
  provider: 'provider',
  durationSeconds: 3600,
  witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
  dealers: 2,
  onLedgerLoss: 'continue',
};
export const REQUEST = { dataType: 'file', permissions: ['read'] };
