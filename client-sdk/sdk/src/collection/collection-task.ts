import { EkoError } from '@eko/protocol';
import {
  holdersOf,
  shareIndexOf,
  sharingStructureOf,
  type CommitmentSheet,
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

/** Who serves the streams of a bundle, as the ledger has it. */
export interface DrawnHolders {
  /** Initiator, provider, and the witnesses in draw order. */
  readonly holders: readonly string[];
  /** How many streams the bundle has. */
  readonly streams: number;
  readonly structure: SharingStructure;
}

/** Tells whether a sheet gives out the shares as the ledger's draw does: place by place, to nobody else. */
export function followsDraw(sheet: CommitmentSheet, drawn: DrawnHolders): boolean {
  const places = placesOf(drawn);
  return (
    sheet.streams.length === drawn.streams &&
    sheet.streams.every(
      ({ entries }) =>
        entries.length === places.length &&
        places.every(({ holder, shareIndex }) => {
          const position = sheet.holders.indexOf(holder);
          return entries.some((entry) => entry.holder === position && entry.shareIndex === shareIndex);
        }),
    )
  );
}

/** Who holds which share index, of every stream alike. */
function placesOf({
  holders,
  structure,
}: DrawnHolders): readonly { readonly holder: string; readonly shareIndex: number }[] {
  const { kind } = structure;
  const [initiator = '', provider = '', ...witnesses] = holders;
  return [
    { holder: initiator, shareIndex: shareIndexOf(kind, { role: 'initiator' }) },
    { holder: provider, shareIndex: shareIndexOf(kind, { role: 'provider' }) },
    ...witnesses.map((holder, place) => ({
      holder,
      shareIndex: shareIndexOf(kind, { role: 'witness', place }),
    })),
  ];
}
