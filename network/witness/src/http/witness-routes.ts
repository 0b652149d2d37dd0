import { LIMITS } from '@eko/protocol';
import {
  EnvelopeDelivery,
  NODE_ROUTES,
  ReleaseRequest,
  type EnvelopeAcknowledgement,
  type ReleaseAnswer,
} from '@eko/protocol/rest';
import { type NodeRecord } from '@eko/protocol/ledger';
import { peerRoute, type PeerRoute } from '@eko/node-kit';

/** What the routes call. */
export interface WitnessServices {
  takeEnvelope(
    sender: NodeRecord,
    delivery: EnvelopeDelivery,
    signal: AbortSignal,
  ): Promise<EnvelopeAcknowledgement>;
  releaseShares(party: NodeRecord, request: ReleaseRequest, signal: AbortSignal): Promise<ReleaseAnswer>;
  /** The registry's record of a caller that the server let in. */
  recordOf(nodeId: string): NodeRecord;
}

/** What other nodes may ask of a witness. */
export function witnessRoutes(services: WitnessServices): readonly PeerRoute[] {
  return [
    peerRoute({
      path: NODE_ROUTES.deliverEnvelope,
      body: EnvelopeDelivery,
      bodyBytes: LIMITS.envelopeBodyBytes,
      roles: ['orchestrator'],
      handle: (peer, delivery, signal) =>
        services.takeEnvelope(services.recordOf(peer.nodeId), delivery, signal),
    }),
    peerRoute({
      path: NODE_ROUTES.release,
      body: ReleaseRequest,
      roles: ['party'],
      handle: (peer, request, signal) =>
        services.releaseShares(services.recordOf(peer.nodeId), request, signal),
    }),
  ];
}
