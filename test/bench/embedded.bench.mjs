import { firstBytePart, processorTable, runParts, wantedParts } from './figure-parts.mjs';
import { withLanes } from './lane.mjs';
import { sumOf } from './processor-time.mjs';
import { figureOf, inTurns, warmUp } from './rounds.mjs';

const SINGLES = { count: 48, size: 1, most: 16 };
const LIVES = { count: 100, perSecond: 10 };
const BYSTANDER_STREAMS = 24;
const BYSTANDER_ROUNDS = 3;
const STARTS = 5;

/**
 * Set-up of streams on the embedded ledger, all nodes as processes of their own; what a whole life takes of the ledger
 * and of those who have no part in it; releases while a witness does not answer; memory and start of a node.
 */
export function cases({ progress, against, only }) {
  return withLanes({ ledger: 'embedded', against, progress }, async (lanes) => {
    await warmUp(lanes, progress);
    return runParts(wantedParts(PARTS, only), lanes, progress);
  });
}

const PARTS = [
  { ids: ['embedded-bundle', 'embedded-bundle-100'], run: setUp },
  firstBytePart('embedded', { goal: 40, perRound: 8 }),
  { ids: ['end-transactions'], run: wholeLives },
  { ids: ['bystander-cpu-witness', 'bystander-cpu-orchestrator'], run: bystanders },
  { ids: ['release-with-offline-witness', 'release-with-silent-witness'], run: releases },
  { ids: ['node-memory', 'node-start'], run: starts },
];

async function setUp(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    measure: async (lane) => ({
      bundle: await lane.call('bundles', { count: 16, size: 50, most: 8 }),
      hundred: await lane.call('bundles', { count: 8, size: 100, most: 8 }),
      single: await lane.call('bundles', SINGLES),
      write: await lane.call('writes', { count: 600, most: 64 }),
    }),
    shown: ({ bundle, hundred, single, write }) =>
      `${bundle.perSecond.toFixed(0)} streams/s in bundles of 50 (${sumOf(bundle.processorMs).toFixed(0)} ms CPU a bundle), ` +
      `${hundred.perSecond.toFixed(0)} of 100 (${sumOf(hundred.processorMs).toFixed(0)} ms), ` +
      `${single.perSecond.toFixed(1)} single (${sumOf(single.processorMs).toFixed(0)} ms), ` +
      `${write.perSecond.toFixed(0)} writes/s (${sumOf(write.processorMs).toFixed(1)} ms)`,
  });
  const unit = 'streams ÷ writes';
  return {
    figures: [
      figureOf(
        samples,
        { id: 'embedded-bundle', unit, goal: 2.5 },
        ({ bundle, write }) => bundle.perSecond / write.perSecond,
      ),
      figureOf(
        samples,
        { id: 'embedded-bundle-100', unit, goal: 3.3 },
        ({ hundred, write }) => hundred.perSecond / write.perSecond,
      ),
    ],
    tables: [
      processorTable(lanes, samples, [
        { load: 'bundle of 50, set-up', key: 'bundle' },
        { load: 'bundle of 50, end', key: 'bundle', spent: 'endMs' },
        { load: 'bundle of 100, set-up', key: 'hundred' },
        { load: 'single, set-up (16 in flight)', key: 'single' },
        { load: 'single, end', key: 'single', spent: 'endMs' },
        { load: 'write (64 in flight)', key: 'write' },
      ]),
    ],
  };
}

async function wholeLives(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    rounds: 1,
    measure: (lane) => lane.call('lifeTransactions', LIVES),
    shown: ({ each, byEvent }) =>
      `${each} transactions a single stream: ` +
      Object.entries(byEvent)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
  });
  const row = { id: 'end-transactions', unit: 'a single stream', goal: 4, direction: 'at most' };
  return { figures: [figureOf(samples, row, ({ each }) => each)] };
}

async function bystanders(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    rounds: BYSTANDER_ROUNDS,
    measure: (lane) => lane.call('bystanders', { count: BYSTANDER_STREAMS }),
    shown: ({ witness, orchestrator }) =>
      `ms an event of others: witness ${witness.toFixed(2)}, orchestrator ${orchestrator.toFixed(2)}`,
  });
  return {
    figures: ['witness', 'orchestrator'].map((role) =>
      figureOf(
        samples,
        { id: `bystander-cpu-${role}`, unit: 'ms an event of others', goal: 0.05, direction: 'at most' },
        (sample) => sample[role],
      ),
    ),
  };
}

async function releases(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    rounds: 1,
    measure: (lane) => lane.call('releasesWithoutOne'),
  });
  return {
    figures: ['offline', 'silent'].map((name) =>
      figureOf(
        samples,
        { id: `release-with-${name}-witness`, unit: '× p99 with all', goal: 2, direction: 'at most' },
        (sample) => sample[name],
      ),
    ),
  };
}

async function starts(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    rounds: STARTS,
    measure: (lane) => lane.call('startAgain', { role: 'witness' }),
    shown: ({ seconds, megabytes }) =>
      `a witness started in ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`,
  });
  return {
    figures: [
      figureOf(
        samples,
        { id: 'node-memory', unit: 'MB', goal: 100, direction: 'at most' },
        ({ megabytes }) => megabytes,
      ),
      figureOf(
        samples,
        { id: 'node-start', unit: 's', goal: 1, direction: 'at most' },
        ({ seconds }) => seconds,
      ),
    ],
  };
}
