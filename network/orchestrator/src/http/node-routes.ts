import { DealRequest, EnvelopeCollection, NODE_ROUTES, VrfProofRequest, type VrfProof } from '@eko/protocol';
import { peerRoute, type PeerRoute } from '@eko/node-kit';
import type { Dealer } from '../adapters/dealer';
import { collectEnvelope, type MailboxParts } from './collect-envelope';

/** What answers the routes of an orchestrator. */
export interface NodeRouteParts {
  readonly dealer: Dealer;
  readonly mailbox: MailboxParts;
  readonly prove: (sender: string, request: VrfProofRequest, signal: AbortSignal) => Promise<VrfProof>;
}

/** The routes that other nodes call. */
export function nodeRoutes({ dealer, mailbox, prove }: NodeRouteParts): readonly PeerRoute[] {
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
      handle: async (peer, request, signal) => (await dealer.deal(peer.nodeId, request, signal)).dealing,
    }),
    peerRoute({
      path: NODE_ROUTES.collectEnvelope,
      body: EnvelopeCollection,
      handle: (peer, request, signal) => collectEnvelope(mailbox, peer.nodeId, request, signal),
    }),
  ];
}
