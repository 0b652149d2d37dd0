import { AttestationTaken, NODE_ROUTES } from '@eko/protocol/rest';
import type { NodeDirectory } from '../nodes/node-directory';
import type { PeerCaller } from '../nodes/peer-caller';
import type { HandAttestation } from './attestation-sender';

/** Hands attestations to other nodes over HTTPS. @param directory - where the nodes are found */
export function handAttestations(
  peers: PeerCaller,
  directory: Pick<NodeDirectory, 'require'>,
  signal?: AbortSignal,
): HandAttestation {
  return async (gatherer, attestation, deadlineMs) => {
    await peers.call({
      node: directory.require(gatherer),
      route: NODE_ROUTES.gather,
      body: { attestation },
      answerSchema: AttestationTaken,
      deadlineMs,
      signal,
    });
  };
}
