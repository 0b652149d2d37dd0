import { EkoError } from '@eko/protocol';
import {
  holdersOf,
  shareIndexOf,
  sharingStructureOf,
  witnessesOf,
  type CommitmentSheet,
  type DealingContext,
  type SharingStructure,
} from '@eko/protocol/crypto';
import { type BundleView, type Dealing, type DealingsRecord, type Selection } from '@eko/protocol/ledger';

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

/** Who serves which stream of a bundle, as the ledger has it. */
export interface DrawnHolders {
  /** Initiator, provider, and all drawn witnesses. */
  readonly holders: readonly string[];
  readonly selection: Selection;
  readonly structure: SharingStructure;
}

/** Tells whether a sheet gives out the shares as the ledger's draw does: place by place, to nobody else. */
export function followsDraw(sheet: CommitmentSheet, drawn: DrawnHolders): boolean {
  return (
    sheet.streams.length === drawn.selection.draws.length &&
    sheet.streams.every(({ entries }, index) => {
      const places = placesOf(drawn, index);
      return (
        entries.length === places.length &&
        places.every(({ holder, shareIndex }) => {
          const position = sheet.holders.indexOf(holder);
          return entries.some((entry) => entry.holder === position && entry.shareIndex === shareIndex);
        })
      );
    })
  );
}

/** Who holds which share index of one stream. */
function placesOf(
  { holders, selection, structure }: DrawnHolders,
  index: number,
): readonly { readonly holder: string; readonly shareIndex: number }[] {
  const { kind } = structure;
  const [initiator = '', provider = ''] = holders;
  return [
    { holder: initiator, shareIndex: shareIndexOf(kind, { role: 'initiator' }) },
    { holder: provider, shareIndex: shareIndexOf(kind, { role: 'provider' }) },
    ...witnessesOf(selection, index).map((holder, place) => ({
      holder,
      shareIndex: shareIndexOf(kind, { role: 'witness', place }),
    })),
  ];
}
