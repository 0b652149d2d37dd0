import { EkoError } from '@eko/protocol';
import {
  holdersOf,
  sharingStructureOf,
  type DealingContext,
  type SharingStructure,
} from '@eko/protocol/crypto';
import { type BundleView, type Dealing, type DealingsRecord } from '@eko/protocol/ledger';

/** What a party rebuilds keys from: a bundle, one epoch of it as the ledger recorded it, and which party. */
export interface CollectionTask {
  readonly channel: string;
  readonly view: BundleView;
  readonly record: DealingsRecord;
  readonly party: string;
  readonly role: 'initiator' | 'provider';
  readonly holders: readonly string[];
  readonly structure: SharingStructure;
}

/**
 * Prepares the collection of an epoch's keys.
 *
 * @throws EkoError `BAD_STATE` where the epoch is not dealt, `FORBIDDEN` where `party` has no part in the bundle
 */
export function newCollectionTask(input: {
  readonly channel: string;
  readonly view: BundleView;
  readonly epoch: number;
  readonly party: string;
}): CollectionTask {
  const { channel, view, epoch, party } = input;
  const { bundle } = view;
  const record = view.dealings.find((candidate) => candidate.epoch === epoch);
  if (record === undefined)
    throw new EkoError('BAD_STATE', 'No keys have been dealt for this epoch', {
      details: { bundleId: bundle.bundleId, epoch },
    });
  if (party !== bundle.initiator && party !== bundle.policy.provider)
    throw new EkoError('FORBIDDEN', `${party} is no party of this bundle`);
  return {
    channel,
    view,
    record,
    party,
    role: party === bundle.initiator ? 'initiator' : 'provider',
    holders: holdersOf(bundle, record.selection),
    structure: sharingStructureOf(bundle.policy.witnesses),
  };
}

/** What the shares and envelopes of one dealing are bound to. */
export function dealingContextOf(task: CollectionTask, dealing: Dealing): DealingContext {
  const { bundleId, requestTxId, policyHash } = task.view.bundle;
  const { dealer, dealingId } = dealing;
  return {
    channel: task.channel,
    bundleId,
    epoch: task.record.epoch,
    requestTxId,
    policyHash,
    dealer,
    dealingId,
  };
}
