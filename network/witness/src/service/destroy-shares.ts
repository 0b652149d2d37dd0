import { EkoError } from '@eko/protocol';
import { deriveTreeNodes, disposeOfNodes, isSamePlace, type TreePlace } from '@eko/protocol/crypto';
import type { BundleBook, NamedTurns } from '@eko/node-kit';
import { withDestroyed } from '../core/apply-ledger-event';
import { isEnded, punctureOf, streamsOf, type HeldDealing, type WitnessState } from '../core/witness-state';
import { nodeNamesOf, type ShareStore } from './share-store';

/** What destroying shares needs. */
export interface DestroySharesDeps {
  readonly book: BundleBook<WitnessState>;
  readonly shares: ShareStore;
  /** By dealer and bundle, and by bundle alone; shared with the taking of envelopes and with releases. */
  readonly turns: NamedTurns;
}

/** Whose turn it is to change what is stored of one dealer's dealings of a bundle. */
export function dealerTurn(bundleId: string, dealer: string): string {
  return `${bundleId}/${dealer}`;
}

/** Whose turn it is to cut streams out of what is stored of a bundle, or to read it: a reader finds all of it or none. */
export function bundleTurn(bundleId: string): string {
  return bundleId;
}

/**
 * Destroys what is stored of a bundle's streams that are over, and has them attested from then on; of a failure nothing is
 * attested.
 *
 * Where others of the bundle live, a root or a node below it gives way to those that give these others, in three steps of
 * which each is on the disk before the next: the new nodes, then the book that speaks for them and no longer for the old
 * one, then the overwriting of the old one. A start destroys what the book does not speak for, and goes on from there. So
 * a crash leaves what the book speaks for whole, and of an ended stream at most what was there before.
 *
 * @returns how many shares were destroyed
 */
export async function destroyShares(deps: DestroySharesDeps, bundleId: string): Promise<number> {
  const { book, turns } = deps;
  return turns.take(bundleTurn(bundleId), async () => {
    // What is listed may have the names of what is stored below.
    let destroyed = await destroyListed(deps, bundleId);
    for (const dealing of book.get(bundleId)?.held ?? []) destroyed += await cutOut(deps, bundleId, dealing);
    return destroyed + (await destroyListed(deps, bundleId));
  });
}

/** Destroys the nodes of a bundle that are to go, in the bundle's turn; answers how many shares went with them. */
export async function destroyListed(
  { book, shares }: Pick<DestroySharesDeps, 'book' | 'shares'>,
  bundleId: string,
): Promise<number> {
  const state = book.get(bundleId);
  const toDestroy = state?.toDestroy ?? [];
  if (state === undefined || toDestroy.length === 0) return 0;
  if (state.held.length > 0) await book.write([bundleId]);
  await shares.destroy(toDestroy.flatMap((dealing) => nodeNamesOf(bundleId, dealing)));
  const later = book.get(bundleId);
  if (later !== undefined) book.set(bundleId, withDestroyed(later, toDestroy));
  const isWhole = (dealing: HeldDealing): boolean => !state.held.some((held) => isSameTree(held, dealing));
  return toDestroy.filter(isWhole).reduce((sum, dealing) => sum + streamsOf(state, dealing).length, 0);
}

/** Stores what takes the place of nodes that go, and has the book speak for it; answers how many shares go with them. */
async function cutOut(deps: DestroySharesDeps, bundleId: string, dealing: HeldDealing): Promise<number> {
  const { book } = deps;
  const state = book.get(bundleId);
  const puncture = state === undefined ? undefined : punctureOf(state, dealing);
  if (state === undefined || puncture === undefined) return 0;
  const { living, going } = puncture;
  const fresh: HeldDealing = {
    ...dealing,
    nodes: living.filter((place) => !dealing.nodes.some((node) => isSamePlace(node, place))),
  };
  // Listed before they are written: a write that fails may leave some of them.
  book.amend(bundleId, { ...state, toDestroy: [...state.toDestroy, fresh] });
  await storeBelow(deps, bundleId, { ...dealing, nodes: going }, fresh.nodes);
  const later = book.get(bundleId);
  // Dropped meanwhile: nothing speaks for what was stored for it just now, and it stays listed.
  if (later?.held.includes(dealing) !== true) return 0;
  const { toDestroy } = withDestroyed(later, [fresh]);
  book.set(bundleId, {
    ...later,
    held: later.held.map((held) => (held === dealing ? { ...dealing, nodes: living } : held)),
    toDestroy: [...toDestroy, { ...dealing, nodes: going }],
  });
  return streamsOf(state, dealing).filter((index) => isEnded(state, index)).length;
}

async function storeBelow(
  { shares }: DestroySharesDeps,
  bundleId: string,
  going: HeldDealing,
  places: readonly TreePlace[],
): Promise<void> {
  if (places.length === 0) return;
  const nodes = await shares.get(bundleId, going, going.nodes);
  if (nodes === undefined)
    throw new EkoError('CORRUPT_RECORD', `What is stored of a dealing of ${bundleId} is not there any more`, {
      details: { bundleId, dealer: going.dealer },
    });
  try {
    const below = deriveTreeNodes(nodes, places);
    try {
      await shares.put(bundleId, going, below);
    } finally {
      disposeOfNodes(below);
    }
  } finally {
    disposeOfNodes(nodes);
  }
}

/** Destroys the shares of a dealing that was dropped here, unless it was delivered again meanwhile. */
export async function destroyDropped(
  { book, shares, turns }: Pick<DestroySharesDeps, 'book' | 'shares' | 'turns'>,
  bundleId: string,
  dealing: HeldDealing,
): Promise<void> {
  await turns.take(dealerTurn(bundleId, dealing.dealer), async () => {
    const held = new Set(book.get(bundleId)?.held.flatMap((again) => nodeNamesOf(bundleId, again)));
    await shares.destroy(nodeNamesOf(bundleId, dealing).filter((name) => !held.has(name)));
  });
}

function isSameTree(one: HeldDealing, other: HeldDealing): boolean {
  return one.dealer === other.dealer && one.envelopeHash === other.envelopeHash;
}
