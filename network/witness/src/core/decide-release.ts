import { EkoError } from '@eko/protocol';
import { type ReleaseRequest } from '@eko/protocol/rest';
import { isEnded, streamsOf, type HeldDealing, type Permit, type WitnessState } from './witness-state';

/** The bounds a witness keeps when it releases. */
export interface ReleaseBounds {
  /** A permit lives this long on the monotonic clock from the moment its block was seen. */
  readonly permitLifetimeMs: number;
  /** How far honest clocks may differ; a permit whose own time is older than lifetime + this is not used. */
  readonly clockToleranceMs: number;
  /** The newest heartbeat that counts for a party must not be older. */
  readonly viewBoundMs: number;
}

/** The witness's clocks and its view of the ledger. */
export interface ReleaseMoment {
  readonly monotonicMs: number;
  readonly unixMs: number;
  /**
   * The newest heartbeat that the asking party's organisation has no hand in: when it arrived, on the monotonic clock,
   * and the time that it states. By the first alone a ledger that is shown late would pass for one that is shown now.
   */
  readonly beat: { readonly seenAtMonotonicMs: number; readonly atUnixMs: number } | undefined;
}

/** Shares that may leave now. */
export interface ReleaseGrant {
  readonly permit: Permit;
  readonly streams: readonly number[];
  /** Those that give all of these streams. */
  readonly dealings: readonly HeldDealing[];
}

/**
 * Decides one release. Called when the request arrives and again as the last step before the answer leaves, because
 * an end, a pause or a silent ledger may come between.
 *
 * @throws EkoError `STALE_LEDGER`, `NO_PERMIT`, `PERMIT_TOO_OLD`, `PERMIT_USED`, `STREAM_ENDED`, `NOT_FOUND`,
 *   `BAD_DEALING` naming the dealers that abandoned what they had recorded
 * @see docs/protocol.md, "4. Release" and "What always holds"
 */
export function decideRelease(input: {
  readonly state: WitnessState | undefined;
  readonly request: ReleaseRequest;
  readonly party: string;
  readonly moment: ReleaseMoment;
  readonly bounds: ReleaseBounds;
  /** The last check before the answer leaves, when this release is already marked on its permit. */
  readonly marked?: boolean;
}): ReleaseGrant {
  const { state, request, party, moment, bounds, marked = false } = input;
  if (!isPresent(moment, bounds)) {
    throw new EkoError(
      'STALE_LEDGER',
      'This witness does not see the ledger as it is now; ask another, or try again',
    );
  }
  const permit = state?.permits.find((candidate) => candidate.txId === request.permitTxId);
  if (state?.record?.epoch !== request.epoch || !isParty(state, party)) {
    throw new EkoError('NO_PERMIT', 'The ledger gives the caller no leave to collect this');
  }
  if (request.streams.some((index) => isEnded(state, index))) {
    throw new EkoError('STREAM_ENDED', 'The stream has ended; its shares are destroyed');
  }
  if (moment.unixMs >= state.bundle.notAfterUnixMs) {
    throw new EkoError('STREAM_ENDED', 'The stream has expired; its shares are destroyed');
  }
  if (permit === undefined || !permit.parties.includes(party) || !covers(permit, request.streams)) {
    throw new EkoError(
      'NO_PERMIT',
      'No such permit is live here: submit AuthorizeRelease and name its transaction',
    );
  }
  if (
    moment.monotonicMs - permit.seenAtMonotonicMs > bounds.permitLifetimeMs ||
    moment.unixMs - permit.atUnixMs > bounds.permitLifetimeMs + bounds.clockToleranceMs
  ) {
    throw new EkoError(
      'PERMIT_TOO_OLD',
      'The permit is too old: submit AuthorizeRelease and name its transaction',
    );
  }
  if (!marked && request.streams.some((index) => permit.used.has(usedKey(party, index)))) {
    throw new EkoError(
      'PERMIT_USED',
      'The permit was used: submit AuthorizeRelease and name its transaction',
    );
  }
  const dealings = state.held.filter((dealing) => {
    const given = new Set(streamsOf(state, dealing));
    return request.streams.every((index) => given.has(index));
  });
  if (dealings.length === 0) throw nothingHeld(state);
  return { permit, streams: request.streams, dealings };
}

/** Tells whether the witness sees the ledger as it is now, whatever the asking party's organisation does. */
export function isPresent({ monotonicMs, unixMs, beat }: ReleaseMoment, bounds: ReleaseBounds): boolean {
  return (
    beat !== undefined &&
    monotonicMs - beat.seenAtMonotonicMs <= bounds.viewBoundMs &&
    unixMs - beat.atUnixMs <= bounds.viewBoundMs + bounds.clockToleranceMs
  );
}

function nothingHeld({ abandoned }: WitnessState): EkoError {
  if (abandoned.length === 0)
    return new EkoError('NOT_FOUND', 'This witness holds no share of these streams');
  const dealers = abandoned.map(({ dealer }) => dealer);
  return new EkoError(
    'BAD_DEALING',
    `This witness holds no share of these streams: ${dealers.join(', ')} signed that it gave up the dealing that the ` +
      'ledger records. Ask another witness, or end the streams and request them anew',
    { details: { dealers } },
  );
}

/** The state after a release was made on a permit. */
export function markReleased(
  state: WitnessState,
  permitTxId: string,
  party: string,
  streams: readonly number[],
): WitnessState {
  return {
    ...state,
    permits: state.permits.map((permit) =>
      permit.txId === permitTxId
        ? { ...permit, used: new Set([...permit.used, ...streams.map((index) => usedKey(party, index))]) }
        : permit,
    ),
  };
}

function isParty(state: WitnessState, nodeId: string): boolean {
  return nodeId === state.bundle.initiator || nodeId === state.bundle.policy.provider;
}

function covers(permit: Permit, streams: readonly number[]): boolean {
  const { streams: covered } = permit;
  return covered === 'all' || streams.every((index) => covered.includes(index));
}

function usedKey(party: string, index: number): string {
  return `${party}/${index}`;
}
