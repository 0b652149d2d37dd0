import {
  EkoError,
  holdersOf,
  shareIndexOf,
  sharingStructureOf,
  witnessesOf,
  type BundleView,
  type Dealing,
  type DealingContext,
  type DealingsRecord,
  type SharingStructure,
} from '@eko/protocol';

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

/** Who holds which share index of one stream, as the ledger has it. */
export function placesOf(
  task: CollectionTask,
  index: number,
): readonly { readonly holder: string; readonly shareIndex: number }[] {
  const { kind } = task.structure;
  const { initiator, policy } = task.view.bundle;
  return [
    { holder: initiator, shareIndex: shareIndexOf(kind, { role: 'initiator' }) },
    { holder: policy.provider, shareIndex: shareIndexOf(kind, { role: 'provider' }) },
    ...witnessesOf(task.record.selection, index).map((holder, place) => ({
      holder,
      shareIndex: shareIndexOf(kind, { role: 'witness', place }),
    })),
  ];
}
