import { LIMITS } from '@eko/protocol';
import {
  AttestationHandover,
  DealRequest,
  EnvelopeCollection,
  NODE_ROUTES,
  VrfProofRequest,
  type EnvelopeDelivery,
} from '@eko/protocol/rest';
import { type Attestation, type Dealing, type VrfProof } from '@eko/protocol/ledger';
import { peerRoute, type PeerRoute } from '@eko/node-kit';

/** What answers the routes of an orchestrator. */
export interface OrchestratorServices {
  deal(sender: string, request: DealRequest, signal: AbortSignal): Promise<Dealing>;
  prove(sender: string, request: VrfProofRequest, signal: AbortSignal): Promise<VrfProof>;
  collect(holder: string, request: EnvelopeCollection, signal: AbortSignal): Promise<EnvelopeDelivery>;
  /** Takes the caller's own attestation, to submit it with others. */
  gather(holder: string, attestation: Attestation): void;
}

/** What other nodes may ask of an orchestrator. */
export function orchestratorRoutes(services: OrchestratorServices): readonly PeerRoute[] {
  return [
    peerRoute({
      path: NODE_ROUTES.vrfProof,
      body: VrfProofRequest,
      roles: ['orchestrator'],
      handle: (peer, request, signal) => services.prove(peer.nodeId, request, signal),
    }),
    peerRoute({
      path: NODE_ROUTES.deal,
      body: DealRequest,
      roles: ['orchestrator'],
      handle: (peer, request, signal) => services.deal(peer.nodeId, request, signal),
    }),
    peerRoute({
      path: NODE_ROUTES.collectEnvelope,
      body: EnvelopeCollection,
      handle: (peer, request, signal) => services.collect(peer.nodeId, request, signal),
    }),
    peerRoute({
      path: NODE_ROUTES.gather,
      body: AttestationHandover,
      bodyBytes: LIMITS.attestationBodyBytes,
      handle: (peer, { attestation }) => {
        services.gather(peer.nodeId, attestation);
        return Promise.resolve({});
      },
    }),
  ];
}
