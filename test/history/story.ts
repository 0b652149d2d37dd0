import {
  TRANSACTIONS,
  type AssignmentRecord,
  type BundleRecord,
  type DealingsRecord,
} from '@eko/protocol/ledger';
import { type RecordSigner } from '@eko/protocol/crypto';
import { newEd25519Signer } from '@eko/protocol/node';
import { standingOffer } from '../support/contracts/test-network';
import type { TestNode } from '../support/contracts/test-node';
import type { HistoryCast } from './history-cast';
import { RandomHistory, type MadeHistory, type StoryBundle } from './random-history';

/** One history with everything in it that can be falsified, made by the contracts. */
export interface Story extends MadeHistory {
  readonly cast: HistoryCast;
  /** Under a standing offer: two streams, released to both parties and again to one; then stream 0 is revoked. */
  readonly offered: ToldBundle;
  /** Accepted by hand, assigned anew, dealt, released, and revoked as a whole by an administrator. */
  readonly accepted: ToldBundle;
  /** Accepted by hand and active. */
  readonly active: ToldBundle;
  readonly declined: BundleRecord;
  /** Nobody has answered. */
  readonly waiting: BundleRecord;
  readonly signerOf: (nodeId: string) => RecordSigner;
}

/** A bundle that was dealt. */
export interface ToldBundle {
  readonly record: BundleRecord;
  readonly assignment: AssignmentRecord;
  readonly dealt: DealingsRecord;
}

const UNOFFERED = [{ dataType: 'video', permissions: ['read'] }];

/** Lets the cast live through the story. */
export async function tellStory(cast: HistoryCast): Promise<Story> {
  const history = await RandomHistory.open(cast, 7);
  const { initiator, provider } = cast;
  const offer = { nodeId: provider.nodeId, offer: standingOffer() };
  await history.submit(provider.identity, TRANSACTIONS.publishOffer, offer);

  const offered = needed(await history.request());
  await history.deal(offered);
  for (const party of [initiator, provider]) await history.collect(offered, party, 'first');
  await history.collect(offered, initiator, 'again');
  await history.revoke(offered, initiator.identity, [0]);
  await history.attestAll(offered, [0]);

  const accepted = needed(await history.request({ requests: UNOFFERED }));
  await history.accept(accepted);
  await history.reassign(accepted);
  await history.deal(accepted);
  for (const party of [initiator, provider]) await history.collect(accepted, party, 'first');
  const administrator = needed(cast.admins.get(provider.mspId));
  await history.revoke(accepted, administrator, 'all');
  await history.attestAll(accepted, 'all');

  const active = needed(await history.request({ requests: UNOFFERED }));
  await history.accept(active);
  await history.deal(active);
  await history.collect(active, provider, 'first');

  const declined = needed(await history.request({ requests: UNOFFERED }));
  const { bundleId } = declined.record;
  await history.submit(provider.identity, TRANSACTIONS.declineStream, { bundleId });
  const waiting = needed(await history.request({ requests: UNOFFERED }));
  const nodes: readonly TestNode[] = [initiator, provider, ...cast.orchestrators, ...cast.witnesses];
  return {
    ...(await history.made()),
    cast,
    offered: told(offered),
    accepted: told(accepted),
    active: told(active),
    declined: declined.record,
    waiting: waiting.record,
    signerOf: (nodeId) => newEd25519Signer(needed(nodes.find((node) => node.nodeId === nodeId)).seeds.sign),
  };
}

/** What a story cannot do without. */
export function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('the story has another course');
  return value;
}

const told = ({ record, assignment, dealt }: StoryBundle): ToldBundle => ({
  record,
  assignment: needed(assignment),
  dealt: needed(dealt),
});
