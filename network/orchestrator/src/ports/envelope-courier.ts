import type { EnvelopeDelivery } from '@eko/protocol/rest';

/** Carries one envelope to its holder. */
export interface EnvelopeCourier {
  /**
   * Resolves once the holder has acknowledged that every share is stored, under its own signature.
   * @throws EkoError the holder's own code; `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `CANCELLED`, `BAD_SIGNATURE`
   */
  deliver(delivery: EnvelopeDelivery, holder: string, signal: AbortSignal): Promise<void>;
}
