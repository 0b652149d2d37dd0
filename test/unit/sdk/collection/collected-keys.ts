import { EkoError } from '@eko/protocol';
import { type BundleView, type CollectionProof } from '@eko/protocol/ledger';
import { nodeHpkePrimitives, verifyEd25519OnNode } from '@eko/protocol/node';
import { newCollectionTask, type CollectionSink, type PeerCaller } from '@eko/sdk/node';
import { collectKeys } from '../../../../client-sdk/sdk/src/collection/collect-keys';
import { type CollectionBounds } from '../../../../client-sdk/sdk/src/collection/collection-ports';
import { type HedgeDelay } from '../../../../client-sdk/sdk/src/collection/hedge-delay';
import { WitnessStanding } from '../../../../client-sdk/sdk/src/collection/witness-standing';
import type { DealtBundle } from '../../../support/simulated/dealt-bundle';
import { CHANNEL, INITIATOR } from '../../../support/simulated/simulated-dealing';
import type { SimulatedNetwork } from '../../../support/simulated/simulated-network';

/** Hedges at once and gives up soon: the tests decide what is late by who is silent, not by time. */
const BOUNDS: Partial<CollectionBounds> = { hedgeMs: 1, retryFirstMs: 1, retryMostMs: 5, callMs: 1_000 };

/** Keeps what a collection gives. */
export class Outcome implements CollectionSink {
  readonly keys = new Map<number, string>();
  readonly failures = new Map<number, EkoError>();
  readonly proofs: CollectionProof[] = [];

  key: CollectionSink['key'] = (index, key) => {
    this.keys.set(
      index,
      key.use((bytes) => Buffer.from(bytes).toString('hex')),
    );
    key.dispose();
  };
  failed: CollectionSink['failed'] = (index, error) => {
    this.failures.set(index, error);
  };
  accuse: CollectionSink['accuse'] = (proof) => {
    this.proofs.push(proof);
  };
}

/** What differs from a collection by the initiator that goes well. */
export interface Attempt {
  readonly party?: string;
  /** All without it. */
  readonly streams?: readonly number[];
  readonly permitTxId?: string;
  readonly bounds?: Partial<CollectionBounds>;
  readonly signal?: AbortSignal;
  readonly view?: () => BundleView;
  readonly authorize?: () => Promise<string>;
  readonly standing?: WitnessStanding;
  readonly hedging?: HedgeDelay;
  readonly peers?: PeerCaller;
  readonly monotonicMs?: () => number;
}

/** Collects all keys of a bundle. */
export async function collect(
  bundle: DealtBundle,
  network: SimulatedNetwork,
  attempt: Attempt = {},
): Promise<Outcome> {
  const outcome = new Outcome();
  await collectInto(outcome, bundle, network, attempt);
  return outcome;
}

/** As `collect`, into an outcome that is there also when it fails. */
export function collectInto(
  outcome: Outcome,
  bundle: DealtBundle,
  network: SimulatedNetwork,
  attempt: Attempt = {},
): Promise<void> {
  const { party = INITIATOR } = attempt;
  const keys = bundle.nodes.get(party);
  if (keys === undefined) throw new RangeError(party);
  return collectKeys(
    newCollectionTask({ channel: CHANNEL, view: bundle.view, epoch: 1, party }),
    attempt.streams ?? bundle.view.bundle.requests.map((_request, index) => index),
    attempt.permitTxId ?? bundle.record.txId,
    {
      peers: attempt.peers ?? network,
      keys,
      primitives: nodeHpkePrimitives,
      verify: verifyEd25519OnNode,
      node: (nodeId) => {
        const node = bundle.nodes.get(nodeId);
        if (node === undefined) throw new EkoError('NOT_FOUND', nodeId);
        return node.record;
      },
      view: attempt.view ?? (() => bundle.view),
      authorize:
        attempt.authorize ??
        (() => Promise.reject(new EkoError('INTERNAL', 'nobody should ask for a permit'))),
      monotonicMs: attempt.monotonicMs ?? (() => performance.now()),
      standing: attempt.standing ?? new WitnessStanding(),
      ...(attempt.hedging === undefined ? {} : { hedging: attempt.hedging }),
    },
    outcome,
    { bounds: { ...BOUNDS, ...attempt.bounds }, signal: attempt.signal },
  );
}

/** The keys that a collection should give. */
export const keysOf = (bundle: DealtBundle): Map<number, string> =>
  new Map(bundle.epochKeys.map((key, index) => [index, key]));
