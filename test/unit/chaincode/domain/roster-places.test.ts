import { EkoError, LIMITS } from '@eko/protocol';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { type NodeRecord, type Roster } from '@eko/protocol/ledger';
import { withNode, withoutNode } from '../../../../chaincode/src/domain/roster';
import { acceptedOr, codedError } from '../../../support/coded-error';
import { seededRandom } from '../../../support/random';

/** What a roster takes at most; a record is read up to eight times that, and a gateway's client takes four times it. */
const BOUND_BYTES = 1024 * 1024;
const EMPTY: Roster = { version: 0, entries: [] };
const NOW = 1_800_000_000_000;
const DAY_MS = 24 * 3600 * 1000;

const sizeOf = (roster: Roster): number => utf8Encode(encodeCanonicalJson(roster)).length;

/** A node whose facts are as long as a schema lets them be. */
function longest(number: number, msp: number, change = 0): NodeRecord {
  const text = (name: string): string => `${name}-${change}-`.padEnd(LIMITS.textCharacters, 'x');
  return {
    nodeId: `${number}-`.padEnd(63, 'n'),
    role: 'witness',
    mspId: `Org${msp}-`.padEnd(64, 'M'),
    identity: 'A'.repeat(43),
    status: 'active',
    keyEpoch: 1,
    keys: { tls: '', kem: { suite: 'x25519', publicKey: '' }, sign: '' },
    zone: text('zone'),
    tags: Array.from({ length: LIMITS.tags }, (_, place) => text(`tag-${place}`)),
    offers: [],
    txId: '0'.repeat(64),
  };
}

/** Puts in nodes of an MSP, with numbers from `first` on, until one is refused or there are so many. */
function fill(
  roster: Roster,
  msp: number,
  most: number,
  first = msp * 1000,
): { roster: Roster; taken: number } {
  let filled = roster;
  for (let taken = 0; taken < most; taken += 1) {
    const next = acceptedOr(() => withNode(filled, longest(first + taken, msp), NOW));
    if (next === undefined) return { roster: filled, taken };
    filled = next;
  }
  return { roster: filled, taken: most };
}

describe('the places of a roster', () => {
  it('are so many for one organisation', () => {
    const { roster, taken } = fill(EMPTY, 1, 1000);
    expect(taken).toBe(LIMITS.rosterNodesPerMsp);
    expect(codedError(() => withNode(roster, longest(1999, 1), NOW)).code).toBe('ROSTER_FULL');
    expect(fill(roster, 2, 8).taken).toBe(8);
  });

  it('of an organisation cannot be taken by all others together', () => {
    let roster = EMPTY;
    for (let msp = 1; msp < LIMITS.msps; msp += 1) ({ roster } = fill(roster, msp, 1000));
    const last = fill(roster, LIMITS.msps, 1000);
    expect(last.taken).toBe(LIMITS.rosterNodesReserved);
    expect(last.roster.entries).toHaveLength(LIMITS.rosterNodes);
    expect(codedError(() => withNode(last.roster, longest(1, 999), NOW)).code).toBe('ROSTER_FULL');
  });

  it('are free again when what left them counts for no draw any more', () => {
    let { roster } = fill(EMPTY, 1, 1000);
    const half = roster.entries.map(({ nodeId }) => nodeId);
    for (const nodeId of half) roster = withoutNode(roster, nodeId, NOW);
    const again = fill(roster, 1, 1000, 5000);
    expect(again.taken).toBe(LIMITS.rosterEntriesPerMsp - half.length);
    for (const { nodeId, left } of again.roster.entries)
      if (left === undefined) roster = withoutNode(again.roster, nodeId, NOW);
    expect(codedError(() => withNode(roster, longest(7000, 1), NOW)).code).toBe('ROSTER_FULL');
    expect(withNode(roster, longest(7000, 1), NOW + 8 * DAY_MS).entries.length).toBeLessThan(
      LIMITS.rosterEntriesPerMsp,
    );
  });

  it('never refuse who leaves, however full the roster is', () => {
    let roster = EMPTY;
    for (let msp = 1; msp <= LIMITS.msps; msp += 1) ({ roster } = fill(roster, msp, 1000));
    for (const { nodeId } of roster.entries) roster = withoutNode(roster, nodeId, NOW);
    expect(roster.entries.filter(({ left }) => left === undefined)).toEqual([]);
  });

  it('keep the record readable, whoever registers, changes and retires what, in whatever order', () => {
    const random = seededRandom(17);
    let roster = EMPTY;
    let most = 0;
    let number = 0;
    for (let step = 0; step < 6000; step += 1) {
      const now = NOW + step * 60_000;
      const present = roster.entries.filter(({ left }) => left === undefined);
      const msp = random.below(40);
      const change = (): Roster => {
        if (present.length > 0 && random.chance(0.3))
          return withoutNode(roster, random.pick(present).nodeId, now);
        if (present.length > 0 && random.chance(0.3)) {
          const { nodeId, mspId } = random.pick(present);
          return withNode(roster, { ...longest(0, 0, step), nodeId, mspId }, now);
        }
        return withNode(roster, longest((number += 1), msp), now);
      };
      try {
        roster = change();
      } catch (error) {
        if (!(error instanceof EkoError) || !['ROSTER_FULL', 'BAD_STATE'].includes(error.code)) throw error;
      }
      most = Math.max(most, roster.entries.length);
    }
    expect(most).toBeGreaterThan(LIMITS.rosterEntries / 2);
    expect(most).toBeLessThanOrEqual(LIMITS.rosterEntries);
    expect(sizeOf(roster)).toBeLessThan(BOUND_BYTES);
  });

  it('filled with the longest entries take less than the bound', () => {
    const { zone = '', tags = [], nodeId, mspId } = longest(1, 1);
    const version = Number.MAX_SAFE_INTEGER;
    const left = { version, atUnixMs: 253_402_300_799_999 };
    const entry = { nodeId, mspId, zone, tags, since: version, left };
    const roster = { version, entries: Array.from({ length: LIMITS.rosterEntries }, () => entry) };
    expect(sizeOf(roster)).toBeLessThan(BOUND_BYTES);
  });
});
