import { LIMITS, RequestStreams } from '@eko/protocol';
import {
  AcceptStream,
  BundleReference,
  DeclineStream,
  EndStream,
  ProviderReference,
  ReassignOrchestrators,
  RevokeStream,
} from '@eko/protocol/ledger';
import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';
import { acceptStream, declineStream } from '../domain/consent';
import { endStream } from '../domain/end-stream';
import { readOpenSlots } from '../domain/open-slots';
import { readBundle } from '../domain/read-bundle';
import { reassignOrchestrators } from '../domain/reassign-orchestrators';
import { requestStreams } from '../domain/request-streams';
import { revokeStream } from '../domain/revoke-stream';
import { peerClock, type PeerClock } from '../ledger/clock-guard';
import { answer, transact } from './transact';

/** The life of streams, from request to end. @see docs/protocol.md, "1. Request and consent" and "6. The end" */
@Info({ title: 'streams', description: 'Stream requests, consent, assignment of orchestrators, ends' })
export class StreamsContract extends Contract {
  private readonly clock: PeerClock;

  constructor(clock: PeerClock = peerClock) {
    super('streams');
    this.clock = clock;
  }

  /** Requests a bundle of streams under one policy. */
  @Transaction()
  @Returns('string')
  async RequestStreams(ctx: Context, argument: string): Promise<string> {
    return transact(
      ctx,
      this.clock,
      { name: 'RequestStreams', argument: RequestStreams },
      argument,
      requestStreams,
    );
  }

  /** The provider consents, which assigns who deals. */
  @Transaction()
  @Returns('string')
  async AcceptStream(ctx: Context, argument: string): Promise<string> {
    return transact(
      ctx,
      this.clock,
      { name: 'AcceptStream', argument: AcceptStream },
      argument,
      acceptStream,
    );
  }

  /** The provider declines. */
  @Transaction()
  @Returns('string')
  async DeclineStream(ctx: Context, argument: string): Promise<string> {
    return transact(
      ctx,
      this.clock,
      { name: 'DeclineStream', argument: DeclineStream },
      argument,
      declineStream,
    );
  }

  /** Assigns the next orchestrators when a lease has run out. */
  @Transaction()
  @Returns('string')
  async ReassignOrchestrators(ctx: Context, argument: string): Promise<string> {
    const signature = {
      name: 'ReassignOrchestrators',
      argument: ReassignOrchestrators,
      // Its time ends one lease and starts the next: with the usual play all leases could pass in a moment.
      clockSkew: { aheadMs: LIMITS.leaseSkewMs, behindMs: LIMITS.leaseSkewMs },
    };
    return transact(ctx, this.clock, signature, argument, reassignOrchestrators);
  }

  /** Ends streams that are completed, expired or failed. */
  @Transaction()
  @Returns('string')
  async EndStream(ctx: Context, argument: string): Promise<string> {
    return transact(ctx, this.clock, { name: 'EndStream', argument: EndStream }, argument, endStream);
  }

  /** Revokes streams at once. */
  @Transaction()
  @Returns('string')
  async RevokeStream(ctx: Context, argument: string): Promise<string> {
    return transact(
      ctx,
      this.clock,
      { name: 'RevokeStream', argument: RevokeStream },
      argument,
      revokeStream,
    );
  }

  /** Everything that the ledger holds of a bundle. */
  @Transaction(false)
  @Returns('string')
  async ReadBundle(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, { name: 'ReadBundle', argument: BundleReference }, argument, readBundle);
  }

  /** In which slots requests of the caller's organisation wait for a provider. */
  @Transaction(false)
  @Returns('string')
  async ReadOpenSlots(ctx: Context, argument: string): Promise<string> {
    return answer(ctx, { name: 'ReadOpenSlots', argument: ProviderReference }, argument, readOpenSlots);
  }
}
