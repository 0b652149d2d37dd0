import { LeadBudget } from '../../../../network/orchestrator/src/core/lead-budget';
import type {
  LeadPhase,
  OrchestratorState,
} from '../../../../network/orchestrator/src/core/orchestrator-state';
import { acceptedBundle } from '../../../support/simulated/dealer-harness';

const IDLE: LeadPhase = { kind: 'idle' };
const PROVING: LeadPhase = { kind: 'proving', startedAtMonotonicMs: 0, proofs: [] };
const DEALING: LeadPhase = { kind: 'dealing', startedAtMonotonicMs: 0, proofs: [], dealings: [] };
const SUBMITTING: LeadPhase = { kind: 'submitting', startedAtMonotonicMs: 0 };

function bundleOf(
  name: string,
  streams: number,
  lead: LeadPhase,
  initiatorMsp = 'Org1MSP',
): OrchestratorState {
  const state = acceptedBundle({ lead });
  return { ...state, bundle: { ...state.bundle, bundleId: name, streams, initiatorMsp } };
}

describe('what an orchestrator leads at a time', () => {
  it('is bounded by streams, a bundle counting as ten more than it has', () => {
    const budget = new LeadBudget(120);
    budget.note(bundleOf('a', 50, PROVING));
    expect(budget.hasRoomFor(bundleOf('b', 50, IDLE))).toBe(true);
    budget.note(bundleOf('b', 50, PROVING));
    expect(budget.hasRoomFor(bundleOf('c', 1, IDLE))).toBe(false);
  });

  it('lets a bundle that is larger than all of it go alone', () => {
    const budget = new LeadBudget(20);
    const large = bundleOf('large', 100, IDLE);
    expect(budget.hasRoomFor(large)).toBe(true);
    budget.note(bundleOf('large', 100, DEALING));
    expect(budget.hasRoomFor(bundleOf('small', 1, IDLE))).toBe(false);
  });

  it('counts a bundle once, and tells when it makes room', () => {
    const budget = new LeadBudget(60);
    expect(budget.note(bundleOf('a', 50, PROVING))).toBe(false);
    expect(budget.note(bundleOf('a', 50, DEALING))).toBe(false);
    expect(budget.note(bundleOf('a', 50, SUBMITTING))).toBe(true);
    expect(budget.hasRoomFor(bundleOf('b', 50, IDLE))).toBe(true);
    expect(budget.note(bundleOf('a', 50, IDLE))).toBe(false);
    budget.note(bundleOf('b', 50, PROVING));
    expect(budget.hasRoomFor(bundleOf('c', 1, IDLE))).toBe(false);
  });

  it('leaves every other organisation its part, whatever one of them asks for and stalls', () => {
    const budget = new LeadBudget(120);
    budget.note(bundleOf('a', 50, PROVING));
    budget.note(bundleOf('b', 50, PROVING));
    expect(budget.hasRoomFor(bundleOf('c', 1, IDLE))).toBe(false);
    for (const name of ['d', 'e']) {
      expect(budget.hasRoomFor(bundleOf(name, 20, IDLE, 'Org2MSP'))).toBe(true);
      budget.note(bundleOf(name, 20, DEALING, 'Org2MSP'));
    }
    expect(budget.hasRoomFor(bundleOf('f', 1, IDLE, 'Org2MSP'))).toBe(false);
    expect(budget.hasRoomFor(bundleOf('g', 200, IDLE, 'Org3MSP'))).toBe(true);
    budget.note(bundleOf('g', 200, PROVING, 'Org3MSP'));
    expect(budget.hasRoomFor(bundleOf('h', 1, IDLE, 'Org3MSP'))).toBe(false);
    expect(budget.hasRoomFor(bundleOf('i', 1, IDLE))).toBe(false);
  });

  it('is whole again once what was led is over', () => {
    const budget = new LeadBudget(60);
    budget.note(bundleOf('a', 50, PROVING));
    budget.note(bundleOf('b', 50, PROVING, 'Org2MSP'));
    budget.note(bundleOf('a', 50, IDLE));
    expect(budget.hasRoomFor(bundleOf('c', 1, IDLE, 'Org2MSP'))).toBe(false);
    budget.note(bundleOf('b', 50, SUBMITTING, 'Org2MSP'));
    expect(budget.hasRoomFor(bundleOf('c', 50, IDLE, 'Org2MSP'))).toBe(true);
  });
});
