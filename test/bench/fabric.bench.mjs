import { once } from 'node:events';
import { downNetwork, networkStatus, upNetwork } from '@eko/local-network';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { blocksWith, bytesOfThese, withSigners } from './fabric-gateway.mjs';
import { POLICY, REQUEST, withParties } from './dev-parties.mjs';
import { withFolder } from './kept-folder.mjs';
import { figure, median, percentile } from './measure.mjs';
import { processorMs } from './processor-time.mjs';
import {
  BLOCK_TIMEOUT_MS,
  BUNDLES_A_ROUND,
  WRITES_A_ROUND,
  firstByteFigure,
  medianRatios,
} from './setup-rounds.mjs';
import {
  attested,
  endAll,
  firstByteHasCome,
  inFlight,
  keysAreRebuilt,
  serveOneByte,
  streamsPerSecond,
  timeOf,
  writeOnce,
  writesPerSecond,
} from './stream-setup.mjs';

/** Beside a network that a person has running on the usual ports. */
const BASE_PORT = 27_050;
const BUNDLES_TO_WARM_UP = 48;
const SINGLES_A_ROUND = 64;
const SINGLES_IN_FLIGHT = 16;
const REVOCATIONS = 40;
const FIRST_BYTE = { id: 'fabric-first-byte', goal: 2.3, perRound: 5 };
const SIGNER_WRITES = 500;
const SIGNER_WRITES_IN_FLIGHT = 64;
const BUNDLE = 50;

/** Set-up and revocation of streams on a native Fabric network, whose programs must be there. */
export async function cases(progress) {
  return withFolder({ prefix: 'eko-bench-fabric-', progress }, async (directory) => {
    try {
      await upNetwork(
        { directory, env: process.env, report: progress },
        { basePort: BASE_PORT, blockTimeoutMs: BLOCK_TIMEOUT_MS },
      );
      const ledger = { kind: 'fabric', directory };
      return await withParties({ ledger, progress }, (parties) => measured(parties, directory, progress));
    } finally {
      await downNetwork(directory);
    }
  });
}

async function measured(parties, directory, progress) {
  const { processes } = await networkStatus(directory);
  const pids = [
    process.pid,
    ...processes.flatMap(({ pid }) => pid ?? []),
    ...parties.network.names.flatMap((name) => parties.network.pidOf(name) ?? []),
  ];
  const listener = await serveOneByte(parties.provider);
  const figures = [
    ...(await rates(parties, pids, progress)),
    ...(await revocations(parties, progress)),
    await firstByteFigure(parties, FIRST_BYTE, progress),
    await nativeSigner(parties, progress),
    await ledgerBytes(parties, progress),
  ];
  await listener.close();
  return figures;
}

async function rates(parties, pids, progress) {
  await streamsPerSecond(parties, BUNDLES_TO_WARM_UP, keysAreRebuilt);
  const ratios = await medianRatios(progress, async () => {
    const bundle = await streamsPerSecond(parties, BUNDLES_A_ROUND, keysAreRebuilt);
    const byte = await streamsPerSecond(parties, BUNDLES_A_ROUND, firstByteHasCome);
    const single = await singles(parties, pids);
    const write = await withProcessorTime(pids, WRITES_A_ROUND, () =>
      writesPerSecond(parties, WRITES_A_ROUND),
    );
    return {
      ratios: {
        bundle: bundle / write.rate,
        byte: byte / write.rate,
        single: single.rate / write.rate,
        cpu: single.cpuMs / write.cpuMs,
      },
      seen:
        `in bundles ${bundle.toFixed(0)} streams/s to the key, ${byte.toFixed(0)} to the first byte; ` +
        `${single.rate.toFixed(0)} single streams/s (${single.cpuMs.toFixed(1)} ms CPU each), ` +
        `${write.rate.toFixed(0)} writes/s (${write.cpuMs.toFixed(1)} ms CPU each)`,
    };
  });
  const unit = '÷ writes/s';
  return [
    figure({ id: 'fabric-bundle', value: ratios.bundle, unit, goal: 3 }),
    figure({ id: 'fabric-bundle-byte', value: ratios.byte, unit, goal: 1.5 }),
    figure({ id: 'fabric-single', value: ratios.single, unit, goal: 0.4 }),
    figure({
      id: 'fabric-single-cpu',
      value: ratios.cpu,
      unit: '÷ CPU of one write',
      goal: 3,
      direction: 'at most',
    }),
  ];
}

/** A rate, and what each took of all processes' processors. */
async function withProcessorTime(pids, count, work) {
  const before = processorMs(pids);
  const ms = await timeOf(work);
  return { rate: (count * 1000) / ms, cpuMs: (processorMs(pids) - before) / count };
}

async function singles(parties, pids) {
  const bundleIds = [];
  const measured = await withProcessorTime(pids, SINGLES_A_ROUND, () =>
    inFlight(SINGLES_A_ROUND, SINGLES_IN_FLIGHT, async () => {
      const stream = await parties.initiator.client.requestStream(POLICY, REQUEST);
      bundleIds.push(stream.bundleId);
      await keysAreRebuilt(parties, stream);
    }),
  );
  await endAll(parties, bundleIds);
  return measured;
}

/** The provider revokes; the socket of the initiator, another organisation's, closes. */
async function revocations(parties, progress) {
  const { initiator, provider } = parties;
  const closed = [];
  const committed = [];
  for (let turn = 0; turn < REVOCATIONS; turn += 1) {
    const stream = await initiator.client.requestStream(POLICY, REQUEST);
    const connection = await stream.open();
    await once(connection, 'data');
    const started = performance.now();
    const isClosed = new Promise((resolve) => {
      connection.on('error', () => undefined).once('close', () => resolve(performance.now() - started));
    });
    await provider.ledger.submit(TRANSACTIONS.revokeStream, { bundleId: stream.bundleId, streams: 'all' });
    committed.push(performance.now() - started);
    closed.push(await isClosed);
    await attested(parties);
  }
  progress(
    `revocation: closed p50 ${median(closed).toFixed(0)} p95 ${percentile(closed, 95).toFixed(0)} ms, ` +
      `committed p50 ${median(committed).toFixed(0)} p95 ${percentile(committed, 95).toFixed(0)} ms`,
  );
  const unit = '÷ its commit status';
  return [
    figure({
      id: 'fabric-revoke-p50',
      value: median(closed) / median(committed),
      unit,
      goal: 1.1,
      direction: 'at most',
    }),
    figure({
      id: 'fabric-revoke-p95',
      value: percentile(closed, 95) / percentile(committed, 95),
      unit,
      goal: 1.25,
      direction: 'at most',
    }),
  ];
}

/** The same writes with the signer of the gateway's client and with the native one, in turns. */
async function nativeSigner({ network, initiator }, progress) {
  const { nodeId } = initiator.client;
  const { ratio } = await withSigners(network.layout.node(nodeId).profile, (contracts) => {
    const rate = async (contract) => {
      const write = () => contract.submitTransaction(TRANSACTIONS.heartbeat, JSON.stringify({ nodeId }));
      return SIGNER_WRITES / (await timeOf(() => inFlight(SIGNER_WRITES, SIGNER_WRITES_IN_FLIGHT, write)));
    };
    return medianRatios(progress, async () => {
      const own = await rate(contracts.own);
      const signed = (await rate(contracts.native)) / own;
      return { ratios: { ratio: signed }, seen: `native signer ${signed.toFixed(2)} × the client’s own` };
    });
  });
  return figure({ id: 'fabric-signer', value: ratio, unit: '× the client’s own', goal: 1.2 });
}

/** What the blocks of one bundle's request and dealings take. */
async function ledgerBytes(parties, progress) {
  const { client } = parties.initiator;
  const { blockNumber } = await writeOnce(parties);
  const streams = await client.requestStreams(
    POLICY,
    Array.from({ length: BUNDLE }, () => REQUEST),
  );
  await Promise.all(streams.map((stream) => stream.whenActive()));
  const { bundle, dealings } = client.bundles.get(streams[0].bundleId);
  const wanted = new Set([bundle.requestTxId, ...dealings.map(({ txId }) => txId)]);
  const { profile } = parties.network.layout.node(client.nodeId);
  const blocks = await blocksWith(profile, wanted, blockNumber);
  const bytes = blocks.reduce((sum, block) => sum + bytesOfThese(block, wanted), 0);
  progress(`one bundle of ${BUNDLE}: ${blocks.length} blocks, ${bytes} bytes`);
  await endAll(parties, [streams[0].bundleId]);
  return figure({
    id: 'ledger-bytes',
    value: bytes / BUNDLE,
    unit: 'bytes a stream',
    goal: 600,
    direction: 'at most',
  });
}
