import { uint32Bytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import { LABELS } from '../crypto/key-labels';
import { labelledHash } from '../crypto/labelled-hash';
import type { RosterEntry } from '../ledger/schemas/nodes';
import type { WitnessPolicy } from '../ledger/schemas/streams';

/** How many are drawn, and how many of one MSP at most. */
export type DrawSize = Pick<WitnessPolicy, 'count' | 'maxPerOrg'>;

/**
 * Draws a bundle's witnesses, who serve all its streams: sampling without replacement from the candidates, who are taken
 * in order of their node ID; a drawn one whose MSP has its `maxPerOrg` already is passed over.
 *
 * @param seed - 32 bytes, from `selectionSeed`
 * @param candidates - from `eligibleWitnesses`
 * @returns node IDs in draw order
 * @throws EkoError `POLICY_UNSATISFIABLE` where the candidates are too few
 * @see docs/protocol.md, "2. The draw"
 */
export function drawWitnesses(
  seed: Uint8Array,
  candidates: readonly RosterEntry[],
  { count, maxPerOrg }: DrawSize,
): readonly string[] {
  const pool = [...candidates].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const nextWord = newWordSource(seed);
  const drawn: string[] = [];
  const perMsp = new Map<string, number>();
  while (drawn.length < count) {
    const pick = takeOne(pool, nextWord);
    if (pick === undefined) {
      throw new EkoError('POLICY_UNSATISFIABLE', 'The candidates are too few for the draw', {
        details: { filter: 'draw', eligible: drawn.length, needed: count },
      });
    }
    const taken = perMsp.get(pick.mspId) ?? 0;
    if (taken >= maxPerOrg) continue;
    perMsp.set(pick.mspId, taken + 1);
    drawn.push(pick.nodeId);
  }
  return drawn;
}

/** One step of Fisher-Yates: takes a uniformly chosen one out, and the last of the pool fills its place. */
function takeOne<T>(pool: T[], nextWord: () => number): T | undefined {
  if (pool.length === 0) return undefined;
  const place = uniformBelow(nextWord, pool.length);
  const pick = pool[place];
  const last = pool.pop();
  if (last !== undefined && place < pool.length) pool[place] = last;
  return pick;
}

const WORD_BYTES = 4;

/** The words of the SHA-256 counter stream of a seed. */
function newWordSource(seed: Uint8Array): () => number {
  let block: DataView = new DataView(new ArrayBuffer(0));
  let offset = 0;
  let counter = 0;
  return () => {
    if (offset >= block.byteLength) {
      const bytes = labelledHash(LABELS.drawBlock, seed, uint32Bytes(counter));
      block = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      counter += 1;
      offset = 0;
    }
    const word = block.getUint32(offset);
    offset += WORD_BYTES;
    return word;
  };
}

const WORDS = 2 ** 32;

/**
 * A uniform number from 0 to `bound` - 1, by rejection: a word at or above the largest multiple of the bound is thrown
 * away, so that no number is more likely than another.
 *
 * @param nextWord - gives uniform words of 32 bits
 * @param bound - 1 to 2^32
 */
export function uniformBelow(nextWord: () => number, bound: number): number {
  const limit = WORDS - (WORDS % bound);
  for (;;) {
    const word = nextWord();
    if (word < limit) return word % bound;
  }
}
