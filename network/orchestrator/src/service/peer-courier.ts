import { EkoError, isEkoError } from '@eko/protocol';
import { EnvelopeAcknowledgement, NODE_ROUTES, type EnvelopeDelivery } from '@eko/protocol/rest';
import {
  LABELS,
  verifyRecordSignature,
  verifyStoreRefusal,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import type { PeerCaller } from '@eko/sdk/node';
import type { EnvelopeCourier } from './delivery-lanes';
import type { Registry } from './dealer';

/** What delivering over HTTPS needs. */
export interface PeerCourierDeps {
  readonly registry: Pick<Registry, 'node'>;
  readonly peers: PeerCaller;
  readonly channel: string;
  readonly verify: SignatureVerifier;
  /** One attempt, with the time that a holder may wait for the ledger's event. */
  readonly deadlineMs: number;
}

/** Delivers envelopes to the holders' endpoints and checks what they sign for them. */
export class PeerCourier implements EnvelopeCourier {
  readonly #deps: PeerCourierDeps;

  constructor(deps: PeerCourierDeps) {
    this.#deps = deps;
  }

  async deliver(delivery: EnvelopeDelivery, holder: string, signal: AbortSignal): Promise<void> {
    const { registry, peers, channel, verify, deadlineMs } = this.#deps;
    const node = registry.node(holder);
    if (node === undefined)
      throw new EkoError('PEER_UNAVAILABLE', `The registration of ${holder} has not been seen yet`);
    const { bundleId, epoch, fence, dealing, holders } = delivery;
    const { dealer, dealingId, sheetHash, envelopes } = dealing;
    const call = {
      node,
      route: NODE_ROUTES.deliverEnvelope,
      body: delivery,
      answerSchema: EnvelopeAcknowledgement,
      deadlineMs,
      signal,
    };
    const answer = await peers.call(call).catch((error: unknown) => {
      // What is handed on as this witness's word has to be its word.
      if (isEkoError(error, 'STORE_FULL'))
        verifyStoreRefusal(error, { channel, witness: holder, bundleId, dealingId }, node.keys.sign, verify);
      throw error;
    });
    const { signature, ...acknowledged } = answer;
    const envelopeHash = envelopes[holders.indexOf(holder)] ?? '';
    const given = { holder, channel, bundleId, epoch, fence, dealer, dealingId, sheetHash, envelopeHash };
    if (encodeCanonicalJson(acknowledged) !== encodeCanonicalJson(given)) {
      throw new EkoError('BAD_SIGNATURE', `${holder} acknowledged something else than it was given`, {
        details: { holder },
      });
    }
    verifyRecordSignature(LABELS.acknowledgementSignature, acknowledged, signature, node.keys.sign, verify);
  }
}
