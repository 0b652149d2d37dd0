import {
  EkoError,
  EnvelopeAcknowledgement,
  LABELS,
  NODE_ROUTES,
  verifyRecordSignature,
  type EnvelopeDelivery,
  type SignatureVerifier,
} from '@eko/protocol';
import type { PeerCaller } from '@eko/sdk';
import type { EnvelopeCourier } from '../ports/envelope-courier';
import type { Registry } from '../ports/registry';

/** What delivering over HTTPS needs. */
export interface PeerCourierParts {
  readonly registry: Pick<Registry, 'node'>;
  readonly peers: PeerCaller;
  readonly verify: SignatureVerifier;
  /** One attempt, with the time that a holder may wait for the ledger's event. */
  readonly deadlineMs: number;
}

/** Delivers envelopes to the holders' endpoints and checks what they sign for them. */
export class PeerCourier implements EnvelopeCourier {
  readonly #parts: PeerCourierParts;

  constructor(parts: PeerCourierParts) {
    this.#parts = parts;
  }

  async deliver(delivery: EnvelopeDelivery, holder: string, signal: AbortSignal): Promise<void> {
    const { registry, peers, verify, deadlineMs } = this.#parts;
    const node = registry.node(holder);
    if (node === undefined)
      throw new EkoError('PEER_UNAVAILABLE', `The registration of ${holder} has not been seen yet`);
    const answer = await peers.call({
      node,
      route: NODE_ROUTES.deliverEnvelope,
      body: delivery,
      answerSchema: EnvelopeAcknowledgement,
      deadlineMs,
      signal,
    });
    const { signature, ...acknowledged } = answer;
    const { bundleId, dealing, holders } = delivery;
    if (
      acknowledged.holder !== holder ||
      acknowledged.bundleId !== bundleId ||
      acknowledged.dealingId !== dealing.dealingId ||
      acknowledged.envelopeHash !== dealing.envelopes[holders.indexOf(holder)]
    ) {
      throw new EkoError('BAD_SIGNATURE', `${holder} acknowledged something else than it was given`, {
        details: { holder },
      });
    }
    verifyRecordSignature(LABELS.acknowledgementSignature, acknowledged, signature, node.keys.sign, verify);
  }
}
