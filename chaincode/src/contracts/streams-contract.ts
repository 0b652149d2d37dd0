import { Info } from 'fabric-contract-api';
import { acceptStream, declineStream } from '../domain/consent';
import { endStream } from '../domain/end-stream';
import { readOpenSlots } from '../domain/open-slots';
import { readBundle } from '../domain/read-bundle';
import { reassignOrchestrators } from '../domain/reassign-orchestrators';
import { requestStreams } from '../domain/request-streams';
import { revokeStream } from '../domain/revoke-stream';
import type { PeerClock } from '../ledger/clock-guard';
import { EkoContract, defineTransactions } from './eko-contract';

/** The life of streams, from request to end. @see docs/protocol.md, "1. Request and consent" and "6. The end" */
@Info({ title: 'streams', description: 'Stream requests, consent, assignment of orchestrators, ends' })
export class StreamsContract extends EkoContract {
  constructor(clock?: PeerClock) {
    super('streams', clock);
  }
}

defineTransactions(StreamsContract, 'streams', {
  submit: { requestStreams, acceptStream, declineStream, reassignOrchestrators, endStream, revokeStream },
  evaluate: { readBundle, readOpenSlots },
});
