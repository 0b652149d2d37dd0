import { DealRequest, EnvelopeCollection, NODE_ROUTES, VrfProofRequest } from '@eko/protocol/rest';
import { type Dealing, type VrfProof } from '@eko/protocol/ledger';
import { peerRoute, type PeerRoute } from '@eko/node-kit';
import { collectEnvelope, type MailboxParts } from './collect-envelope';

/** What answers the routes of an orchestrator. */
export interface NodeRouteParts {
  readonly deal: (sender: string, request: DealRequest, signal: AbortSignal) => Promise<Dealing>;
  readonly mailbox: MailboxParts;
  readonly prove: (sender: string, request: VrfProofRequest, signal: AbortSignal) => Promise<VrfProof>;
}

/** The routes that other nodes call. */
export function nodeRoutes({ deal, mailbox, prove }: NodeRouteParts): readonly PeerRoute[] {
  return [
    peerRoute({
      path: NODE_ROUTES.vrfProof,
      body: VrfProofRequest,
      roles: ['orchestrator'],
      handle: (peer, request, signal) => prove(peer.nodeId, request, signal),
    }),
    peerRoute({
      path: NODE_ROUTES.deal,
      body: DealRequest,
      roles: ['orchestrator'],
      handle: (peer, request, signal) => deal(peer.nodeId, request, signal),
    }),
    peerRoute({
      path: NODE_ROUTES.collectEnvelope,
      body: EnvelopeCollection,
      handle: (peer, request, signal) => collectEnvelope(mailbox, peer.nodeId, request, signal),
    }),
  ];
}
