import fc from 'fast-check';
import { SecretBytes, type StreamPolicy, type WitnessPolicy } from '@eko/protocol';
import { deriveVrfPublicKey, proveVrf, verifyVrf } from '@eko/protocol/crypto';
import {
  eligibleWitnesses,
  policyHash,
  recomputeSelection,
  vrfInput,
  type RosterEntry,
} from '@eko/protocol/ledger';
import { drawWitnesses } from '../../../../client-sdk/protocol/src/selection/draw';
import { selectionSeed } from '../../../../client-sdk/protocol/src/selection/selection-seed';
import { uniformBelow } from '../../../../client-sdk/protocol/src/selection/draw';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { chiSquare, seededBytes } from '../../../support/random';
import { codedError } from '../../../support/coded-error';
import { referenceDraw, referenceHash } from './reference-draw';

const witnesses: WitnessPolicy = { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 };
const policy: StreamPolicy = {
  provider: 'provider-1',
  durationSeconds: 60,
  witnesses,
  dealers: 2,
  onLedgerLoss: 'close',
};

function newRoster(size: number, msps: number): RosterEntry[] {
  return Array.from({ length: size }, (_, i) => ({
    nodeId: `witness-${String(i).padStart(3, '0')}`,
    mspId: `Org${i % msps}MSP`,
    since: i + 1,
  }));
}

const terms = {
  initiator: 'initiator-1',
  provider: 'provider-1',
  partyMsps: ['Org0MSP', 'Org1MSP'],
  rosterVersion: 1000,
  witnesses,
};
const seedNumber = (value: number) => new Uint8Array(referenceHash(`seed ${value}`));

describe('eligible witnesses', () => {
  const roster = newRoster(6, 3);

  it('are all of the roster, sorted, where nothing is asked', () => {
    expect(eligibleWitnesses([...roster].reverse(), terms)).toEqual(roster);
  });

  it('are none of later roster versions and none of the parties', () => {
    const eligible = eligibleWitnesses(roster, { ...terms, rosterVersion: 5, initiator: 'witness-000' });
    expect(eligible.map((entry) => entry.nodeId)).toEqual(roster.slice(1, 5).map((entry) => entry.nodeId));
  });

  it('stand in an asked zone and have every asked tag', () => {
    const tagged = roster.map((entry, i) => ({
      ...entry,
      zone: i < 4 ? 'north' : 'south',
      tags: i === 0 ? ['hsm'] : ['hsm', 'audited'],
    }));
    const asked = { ...witnesses, zones: ['north', 'west'], tags: ['audited', 'hsm'] };
    const eligible = eligibleWitnesses(tagged, { ...terms, witnesses: asked });
    expect(eligible.map((entry) => entry.nodeId)).toEqual(['witness-001', 'witness-002', 'witness-003']);
  });

  it('are of other organisations than the parties, where that is asked', () => {
    const asked = { ...witnesses, count: 2, maxPerOrg: 2, excludePartyMsps: true };
    const eligible = eligibleWitnesses(roster, { ...terms, witnesses: asked });
    expect(eligible.map(({ mspId }) => mspId)).toEqual(['Org2MSP', 'Org2MSP']);
    const all = eligibleWitnesses(roster, { ...terms, witnesses: { ...asked, excludePartyMsps: false } });
    expect(all).toEqual(roster);
  });

  it.each<[string, readonly RosterEntry[], Partial<typeof terms>, number]>([
    ['roster', roster.slice(0, 2), {}, 2],
    ['rosterVersion', roster, { rosterVersion: 2 }, 2],
    ['parties', roster.slice(0, 3), { initiator: 'witness-001' }, 2],
    ['excludePartyMsps', roster, { witnesses: { ...witnesses, excludePartyMsps: true } }, 2],
    ['zones', roster, { witnesses: { ...witnesses, zones: ['north'] } }, 0],
    ['tags', roster, { witnesses: { ...witnesses, tags: ['hsm'] } }, 0],
    ['maxPerOrg', newRoster(6, 2), {}, 2],
  ])('are refused by the name of the filter that left too few: %s', (filter, entries, change, eligible) => {
    const error = codedError(() => eligibleWitnesses(entries, { ...terms, ...change }));
    expect(error.code).toBe('POLICY_UNSATISFIABLE');
    expect(error.details).toEqual({ filter, eligible, needed: 3 });
  });
});

describe('uniform numbers', () => {
  const wordsOf =
    (...words: number[]) =>
    () =>
      words.shift() ?? 0;

  it('throw away the words above the largest multiple of the bound, and no other', () => {
    const top = 2 ** 32 - 1;
    expect(uniformBelow(wordsOf(top, 8), 3)).toBe(2);
    expect(uniformBelow(wordsOf(top - 1, 8), 3)).toBe((top - 1) % 3);
    expect(uniformBelow(wordsOf(top, 9), 5)).toBe(4);
    expect(uniformBelow(wordsOf(top), 1)).toBe(0);
    expect(uniformBelow(wordsOf(top), 4)).toBe(3);
  });
});

describe('draw', () => {
  it('is the one that an independent reading of the protocol gives', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 3, max: 40 }),
        fc.integer({ min: 3, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
        (seed, size, msps, maxPerOrg) => {
          const roster = newRoster(size, msps);
          const drawn = drawWitnesses(seed, roster, { count: 3, maxPerOrg });
          expect(drawn).toEqual(referenceDraw(seed, roster, 3, maxPerOrg));
        },
      ),
    );
  });

  it('takes nobody twice and at most maxPerOrg of an MSP', () => {
    const roster = newRoster(12, 4);
    for (let i = 0; i < 200; i += 1) {
      const drawn = drawWitnesses(seedNumber(i), roster, { count: 7, maxPerOrg: 2 });
      expect(new Set(drawn).size).toBe(7);
      const msps = drawn.map((nodeId) => roster.find((entry) => entry.nodeId === nodeId)!.mspId);
      for (const msp of msps) expect(msps.filter((other) => other === msp).length).toBeLessThanOrEqual(2);
    }
  });

  it('does not depend on the order of the candidates', () => {
    const roster = newRoster(9, 3);
    const size = { count: 3, maxPerOrg: 1 };
    expect(drawWitnesses(seedNumber(1), [...roster].reverse(), size)).toEqual(
      drawWitnesses(seedNumber(1), roster, size),
    );
  });

  it('can take everybody, and says so where even that is too few', () => {
    const roster = newRoster(3, 3);
    expect(new Set(drawWitnesses(seedNumber(1), roster, { count: 3, maxPerOrg: 1 })).size).toBe(3);
    for (const bad of [
      { count: 4, maxPerOrg: 2 },
      { count: 1, maxPerOrg: 0 },
    ]) {
      const error = codedError(() => drawWitnesses(seedNumber(1), roster, bad));
      expect(error.code).toBe('POLICY_UNSATISFIABLE');
    }
  });

  // 2,000 draws of 3 of 7 by fixed seeds: each witness is expected 857 times at each of 3 places together.
  it('favours nobody: chi-square over who is drawn, and over who is drawn first', () => {
    const roster = newRoster(7, 7);
    const draws = 2000;
    const drawn = new Map<string, number>();
    const first = new Map<string, number>();
    for (let i = 0; i < draws; i += 1) {
      const nodeIds = drawWitnesses(seedNumber(i), roster, { count: 3, maxPerOrg: 1 });
      for (const nodeId of nodeIds) drawn.set(nodeId, (drawn.get(nodeId) ?? 0) + 1);
      first.set(nodeIds[0]!, (first.get(nodeIds[0]!) ?? 0) + 1);
    }
    // 99.9 % quantile of chi-square with 6 degrees of freedom.
    const limit = 22.46;
    expect(chiSquare([...drawn.values()], (draws * 3) / 7)).toBeLessThan(limit);
    expect(chiSquare([...first.values()], draws / 7)).toBeLessThan(limit);
    expect(drawn.size).toBe(7);
  });
});

describe('selection from ledger data', () => {
  const random = seededBytes(9);
  const orchestrators = ['orchestrator-1', 'orchestrator-2'].map((orchestrator) => {
    const seed = new SecretBytes('vrf seed', random(32));
    return { orchestrator, seed, publicKey: deriveVrfPublicKey(seed) };
  });
  const bundle = {
    bundleId: '6f1f2a52-7f6e-4f51-9f5a-0d3c1b8c1a01',
    requestTxId: 'ab'.repeat(32),
    initiator: 'initiator-1',
    initiatorMsp: 'Org0MSP',
    providerMsp: 'Org1MSP',
    policy,
    streams: 2,
    rosterVersion: 9,
  };
  const assignment = { seed: encodeBase64Url(seedNumber(7)), fence: 1 };
  const alpha = vrfInput({ channel: 'trade', bundle, assignment });
  const proofs = orchestrators.map(({ orchestrator, seed }) => ({
    orchestrator,
    proof: encodeBase64Url(proveVrf(seed, alpha)),
  }));
  const keys = new Map(
    orchestrators.map(({ orchestrator, publicKey }) => [orchestrator, encodeBase64Url(publicKey)]),
  );
  const input = {
    channel: 'trade',
    bundle,
    assignment,
    proofs,
    vrfKey: (orchestrator: string) => keys.get(orchestrator),
    roster: newRoster(12, 3),
  };

  it('is the seed and the draw of its parts, in whatever order the proofs come', () => {
    const outputs = orchestrators.map(({ orchestrator, publicKey, seed }) => ({
      orchestrator,
      output: verifyVrf(publicKey, alpha, proveVrf(seed, alpha)),
    }));
    const expected = referenceHash(
      'eko/1 selection seed',
      ...outputs.flatMap(({ orchestrator, output }) => [orchestrator, output]),
    );
    const selection = recomputeSelection(input);
    expect(selection.seed).toBe(expected.toString('base64url'));
    expect(recomputeSelection({ ...input, proofs: [...proofs].reverse() })).toEqual(selection);
    const candidates = newRoster(9, 3);
    expect(selection.witnesses).toEqual(referenceDraw(expected, candidates, 3, 1));
  });

  it.each([
    ['another channel', { ...input, channel: 'other' }],
    ['another request', { ...input, bundle: { ...bundle, requestTxId: 'cd'.repeat(32) } }],
    ['another fence', { ...input, assignment: { ...assignment, fence: 0 } }],
    ['another seed', { ...input, assignment: { ...assignment, seed: encodeBase64Url(seedNumber(8)) } }],
    ['an unregistered key', { ...input, vrfKey: () => undefined }],
    ['a key of another', { ...input, vrfKey: () => keys.get('orchestrator-2') }],
  ])('refuses a proof for %s and names the orchestrator', (_, bad) => {
    const error = codedError(() => recomputeSelection(bad));
    expect(error.code).toBe('BAD_PROOF');
    expect(error.details).toEqual({ orchestrator: 'orchestrator-1' });
  });

  it('takes one output of each orchestrator, and at least one', () => {
    const output = { orchestrator: 'a', output: new Uint8Array(64) };
    for (const bad of [[], [output, output], [{ ...output, output: new Uint8Array(63) }]]) {
      expect(() => selectionSeed(bad)).toThrow(RangeError);
    }
  });
});

describe('policy hash', () => {
  it('follows the content and not the order of fields', () => {
    const reordered = Object.fromEntries(Object.entries(policy).reverse()) as StreamPolicy;
    expect(policyHash(reordered)).toBe(policyHash(policy));
    expect(policyHash({ ...policy, dealers: 3 })).not.toBe(policyHash(policy));
    expect(policyHash({ ...policy, witnesses: { ...witnesses, quorum: 1 } })).not.toBe(policyHash(policy));
  });
});
