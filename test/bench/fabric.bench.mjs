import { firstBytePart, processorTable, runParts, wantedParts } from './figure-parts.mjs';
import { withLanes } from './lane.mjs';
import { sumOf } from './processor-time.mjs';
import { figureOf, inTurns, warmUp } from './rounds.mjs';

const BUNDLE = 50;
const BUNDLES = { count: 16, size: BUNDLE, most: 8 };
const SINGLES = { count: 64, size: 1, most: 16 };
/** So few that neither fills the blocks of the other's transactions: what is compared is the same commits. */
const FEW = 2;
const FEW_SINGLES = 24;
const FEW_WRITES = 60;
const REVOCATIONS = 40;
const SIGNER_WRITES = { count: 500, most: 64 };
const LEDGER = ['peer', 'orderer', 'chaincode'];

/** Set-up, end and revocation of streams on a native Fabric network, whose programs must be there. */
export function cases({ progress, against, only }) {
  return withLanes({ ledger: 'fabric', against, progress }, async (lanes) => {
    await warmUp(lanes, progress, { count: 16 });
    return runParts(wantedParts(PARTS, only), lanes, progress);
  });
}

const NODE_GOALS = { witness: 0.15, orchestrator: 0.35, party: 0.3 };

const PARTS = [
  {
    ids: [
      'fabric-bundle',
      'fabric-bundle-byte',
      'fabric-single-cpu',
      'ledger-cpu-single',
      'ledger-cpu-single-end',
      'ledger-cpu-bundle',
      'ledger-cpu-bundle-end',
      ...Object.keys(NODE_GOALS).map((role) => `node-cpu-${role}`),
    ],
    run: setUp,
  },
  { ids: ['fabric-revoke-p50', 'fabric-revoke-p95'], run: revocations },
  firstBytePart('fabric', { goal: 60, perRound: 5 }),
  { ids: ['writer', 'writer-cpu'], run: writer },
  { ids: ['ledger-bytes'], run: ledgerBytes },
];

async function setUp(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    measure: async (lane) => ({
      bundle: await lane.call('bundles', BUNDLES),
      byte: await lane.call('bundles', { ...BUNDLES, until: 'byte' }),
      single: await lane.call('bundles', SINGLES),
      fewSingles: await lane.call('bundles', { count: FEW_SINGLES, size: 1, most: FEW }),
      fewWrites: await lane.call('writes', { count: FEW_WRITES, most: FEW }),
      write: await lane.call('writes', { count: 600, most: 64 }),
    }),
    shown: ({ bundle, byte, single, fewSingles, fewWrites, write }) =>
      `in bundles ${bundle.perSecond.toFixed(0)} streams/s to the key (${ms(bundle)} a bundle), ` +
      `${byte.perSecond.toFixed(0)} to the first byte; ${single.perSecond.toFixed(1)} single (${ms(single)}), ` +
      `${write.perSecond.toFixed(0)} writes/s (${ms(write)}); with ${FEW} in flight ` +
      `${ms(fewSingles)} a single, ${ms(fewWrites)} a write`,
  });
  const ofLedger = (byKind) => sumOf(byKind, LEDGER);
  const most = (id, unit, goal, valueOf) =>
    figureOf(samples, { id, unit, goal, direction: 'at most' }, valueOf);
  const unit = '÷ writes/s';
  return {
    figures: [
      figureOf(
        samples,
        { id: 'fabric-bundle', unit, goal: 4 },
        ({ bundle, write }) => bundle.perSecond / write.perSecond,
      ),
      figureOf(
        samples,
        { id: 'fabric-bundle-byte', unit, goal: 3 },
        ({ byte, write }) => byte.perSecond / write.perSecond,
      ),
      most(
        'fabric-single-cpu',
        `÷ CPU of a write, ${FEW} in flight each`,
        4,
        ({ fewSingles, fewWrites }) => sumOf(fewSingles.processorMs) / sumOf(fewWrites.processorMs),
      ),
      most('ledger-cpu-single', 'ms', 50, ({ single }) => ofLedger(single.processorMs)),
      most(
        'ledger-cpu-single-end',
        'of its set-up',
        0.3,
        ({ single }) => ofLedger(single.endMs) / ofLedger(single.processorMs),
      ),
      most('ledger-cpu-bundle', 'ms a stream', 1, ({ bundle }) => ofLedger(bundle.processorMs) / BUNDLE),
      most(
        'ledger-cpu-bundle-end',
        'of its set-up',
        0.3,
        ({ bundle }) => ofLedger(bundle.endMs) / ofLedger(bundle.processorMs),
      ),
      ...Object.entries(NODE_GOALS).map(([role, goal]) =>
        most(
          `node-cpu-${role}`,
          `ms a stream and ${role}`,
          goal,
          ({ bundle }) => bundle.processorMs[role] / BUNDLE / lanes[0].nodes[role],
        ),
      ),
    ],
    tables: [
      processorTable(lanes, samples, [
        { load: 'bundle of 50, set-up', key: 'bundle' },
        { load: 'bundle of 50, end', key: 'bundle', spent: 'endMs' },
        { load: 'bundle of 50, first bytes', key: 'byte' },
        { load: 'single, set-up (16 in flight)', key: 'single' },
        { load: 'single, end', key: 'single', spent: 'endMs' },
        { load: 'single, set-up (2 in flight)', key: 'fewSingles' },
        { load: 'write (2 in flight)', key: 'fewWrites' },
        { load: 'write (64 in flight)', key: 'write' },
      ]),
    ],
  };
}

const ms = ({ processorMs }) => `${sumOf(processorMs).toFixed(1)} ms CPU`;

async function revocations(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    rounds: 1,
    measure: (lane) => lane.call('revocations', { count: REVOCATIONS }),
  });
  const most = (id, goal, valueOf) =>
    figureOf(samples, { id, unit: '÷ its commit status', goal, direction: 'at most' }, valueOf);
  return {
    figures: [
      most('fabric-revoke-p50', 1.1, ({ p50 }) => p50),
      most('fabric-revoke-p95', 1.25, ({ p95 }) => p95),
    ],
  };
}

/** The native signer against the one of the gateway's client: no goal, but a reason to keep it or not. */
async function writer(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    measure: (lane) => lane.call('signers', SIGNER_WRITES),
    shown: ({ own, native }) =>
      `writes/s ${own.perSecond.toFixed(0)} by the client’s own signer, ${native.perSecond.toFixed(0)} by the native one; ` +
      `CPU of the writer ${own.processorMs.toFixed(2)} and ${native.processorMs.toFixed(2)} ms`,
  });
  return {
    figures: [
      figureOf(
        samples,
        { id: 'writer', unit: '× writes/s of the client’s own' },
        ({ own, native }) => native.perSecond / own.perSecond,
      ),
      figureOf(
        samples,
        { id: 'writer-cpu', unit: '× CPU of the client’s own' },
        ({ own, native }) => native.processorMs / own.processorMs,
      ),
    ],
  };
}

async function ledgerBytes(lanes, progress) {
  const samples = await inTurns(lanes, progress, {
    rounds: 1,
    measure: (lane) => lane.call('ledgerBytes', { size: BUNDLE }),
  });
  const row = { id: 'ledger-bytes', unit: 'bytes a stream', goal: 600, direction: 'at most' };
  return { figures: [figureOf(samples, row, ({ bytes }) => bytes / BUNDLE)] };
}
