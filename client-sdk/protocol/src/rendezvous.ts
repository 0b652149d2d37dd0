import { compareBytes, uint32Bytes } from './bytes';
import { EkoError } from './errors';
import { LABELS } from './key-labels';
import { labelledHash } from './labelled-hash';
import type { RosterEntry } from './schemas/nodes';

/**
 * Assigns the orchestrators of a bundle by rendezvous hashing: of distinct MSPs as far as the roster allows, those of
 * `excluded` only where the others are too few.
 *
 * @param entries - the orchestrators' roster
 * @returns node IDs, the lead first
 * @throws EkoError `POLICY_UNSATISFIABLE` where the roster has fewer than `dealers`
 * @see docs/protocol.md, "1. Request and consent"
 */
export function assignOrchestrators(
  entries: readonly Pick<RosterEntry, 'nodeId' | 'mspId'>[],
  bundle: {
    readonly bundleId: string;
    readonly requestTxId: string;
    readonly dealers: number;
    readonly fence: number;
    readonly excluded?: readonly string[];
  },
): readonly string[] {
  const { bundleId, requestTxId, dealers, fence, excluded = [] } = bundle;
  if (entries.length < dealers) {
    throw new EkoError(
      'POLICY_UNSATISFIABLE',
      `There are ${entries.length} orchestrators, and ${dealers} are needed`,
      { details: { filter: 'orchestrators', eligible: entries.length, needed: dealers } },
    );
  }
  const ranked = entries
    .map((entry) => ({
      ...entry,
      rank: labelledHash(LABELS.orchestratorRank, bundleId, requestTxId, uint32Bytes(fence), entry.nodeId),
    }))
    .sort((a, b) => compareBytes(a.rank, b.rank));
  const fresh = spreadOverMsps(ranked.filter((entry) => !excluded.includes(entry.nodeId)));
  const spare = spreadOverMsps(ranked.filter((entry) => excluded.includes(entry.nodeId)));
  return [...fresh, ...spare].slice(0, dealers).map((entry) => entry.nodeId);
}

/** The best of each MSP in order of rank, then the second of each, and so on. */
function spreadOverMsps<Entry extends { readonly mspId: string }>(
  ranked: readonly Entry[],
): readonly Entry[] {
  const rounds: Entry[][] = [];
  const seen = new Map<string, number>();
  for (const entry of ranked) {
    const round = seen.get(entry.mspId) ?? 0;
    seen.set(entry.mspId, round + 1);
    (rounds[round] ??= []).push(entry);
  }
  return rounds.flat();
}
