import { LIMITS } from '@eko/protocol';
import {
  assignOrchestrators,
  type AssignmentCandidate,
} from '../../../../client-sdk/protocol/src/selection/rendezvous';
import { seededRandom, type SeededRandom } from '../../../support/random';

jest.setTimeout(600_000);

/** 10,000 by `npm run test:odds`. */
const RUNS = Number(process.env['EKO_ODDS_RUNS'] ?? 200);
/** An organisation that registers what it may: the most orchestrators that it can have in the roster. */
const MANY = 64;
const { assignmentLeaseMs, replacedAfterMs, leaseSkewMs } = LIMITS;

/** A network: how many orchestrators each organisation runs, honest and dishonest. */
interface Shape {
  readonly name: string;
  readonly honest: readonly number[];
  readonly dishonest: readonly number[];
  readonly dealers: number;
  /** How often the dishonest may become all dealers. */
  readonly odds: number;
}

const SHAPES: readonly Shape[] = [
  {
    name: 'two honest organisations against one with two orchestrators',
    honest: [1, 1],
    dishonest: [2],
    dealers: 2,
    odds: 0,
  },
  {
    name: 'two honest organisations against one, one dealer',
    honest: [1, 1],
    dishonest: [MANY],
    dealers: 1,
    odds: 1 / 3,
  },
  {
    name: 'four honest organisations against one',
    honest: [2, 2, 2, 2],
    dishonest: [MANY],
    dealers: 2,
    odds: 0,
  },
  {
    name: 'four honest organisations against one, one dealer',
    honest: [1, 1, 1, 1],
    dishonest: [MANY],
    dealers: 1,
    odds: 1 / 5,
  },
  {
    name: 'one honest organisation with one orchestrator against one',
    honest: [1],
    dishonest: [MANY],
    dealers: 2,
    odds: 0,
  },
  { name: 'fewer organisations than dealers', honest: [1], dishonest: [MANY], dealers: 3, odds: 0 },
  {
    name: 'seven honest organisations of all sizes against one',
    honest: [1, 2, 3, 1, 5, 8, 1],
    dishonest: [MANY],
    dealers: 3,
    odds: 0,
  },
  // By the first assignment 1/6; of the 2/3 of bundles that they can stall, 1/6 again at the last fence.
  {
    name: 'two colluding organisations of four',
    honest: [1, 1],
    dishonest: [MANY, MANY],
    dealers: 2,
    odds: 5 / 18,
  },
  {
    name: 'two colluding organisations of four, more dealers than collude',
    honest: [1, 1],
    dishonest: [MANY, MANY],
    dealers: 3,
    odds: 0,
  },
  // Every fence takes other organisations, so that stalling buys nothing.
  {
    name: 'two colluding organisations of six',
    honest: [1, 1, 1, 1],
    dishonest: [MANY, MANY],
    dealers: 2,
    odds: 1 / 15,
  },
];

const isDishonest = ({ mspId }: AssignmentCandidate): boolean => mspId.startsWith('Dishonest');

function candidatesOf({ honest, dishonest }: Shape): readonly AssignmentCandidate[] {
  const of = (name: string, sizes: readonly number[]): AssignmentCandidate[] =>
    sizes.flatMap((nodes, msp) =>
      Array.from({ length: nodes }, (_, n) => ({
        nodeId: `${name}-${msp}-${n}`.toLowerCase(),
        mspId: `${name}${msp}MSP`,
      })),
    );
  return [...of('Honest', honest), ...of('Dishonest', dishonest)];
}

type Outcome = 'taken' | 'honest' | 'failed' | 'robbed';

/**
 * One bundle against dishonest organisations: they stall wherever they sit without being all dealers, and replace every
 * set as early as the ledger lets anybody who may be off by the limit either way. Honest dealers need less than a lease.
 */
function play({ dealers }: Shape, candidates: readonly AssignmentCandidate[], random: SeededRandom): Outcome {
  const seed = Uint8Array.from({ length: 32 }, () => random.below(256));
  const earlier: AssignmentCandidate[][] = [];
  let [nowMs, stampMs] = [0, 0];
  for (let fence = 0; fence < LIMITS.fences; fence += 1) {
    const assigned = assignOrchestrators(candidates, { seed, dealers, earlier });
    const set = candidates.filter(({ nodeId }) => assigned.includes(nodeId));
    if (set.every(isDishonest)) return 'taken';
    const dueMs = stampMs + replacedAfterMs;
    // Ahead by the limit it replaces early; behind by the limit it makes the next lease end early.
    const aheadMs = random.chance(0.5) ? leaseSkewMs : -leaseSkewMs;
    const replacedMs = Math.max(nowMs, dueMs - aheadMs);
    if (!set.some(isDishonest))
      return nowMs + random.below(assignmentLeaseMs) < replacedMs ? 'honest' : 'robbed';
    earlier.push(set);
    [nowMs, stampMs] = [replacedMs, replacedMs + aheadMs];
  }
  return 'failed';
}

describe(`an organisation that stalls, lies about the time and registers what it may, in ${RUNS} bundles`, () => {
  it.each(SHAPES)('becomes all dealers no more often than is said: $name', (shape) => {
    const candidates = candidatesOf(shape);
    const outcomes: Record<Outcome, number> = { taken: 0, honest: 0, failed: 0, robbed: 0 };
    const random = seededRandom(SHAPES.indexOf(shape) + 1);
    for (let run = 0; run < RUNS; run += 1) outcomes[play(shape, candidates, random)] += 1;
    const { odds } = shape;
    // Four standard deviations of so many runs.
    const error = 4 * Math.sqrt((odds * (1 - odds)) / RUNS);
    expect(outcomes.taken / RUNS).toBeLessThanOrEqual(odds + error);
    expect(outcomes.taken / RUNS).toBeGreaterThanOrEqual(odds - error);
    expect(outcomes.robbed).toBe(0);
    expect(outcomes.taken + outcomes.honest + outcomes.failed).toBe(RUNS);
  });
});
