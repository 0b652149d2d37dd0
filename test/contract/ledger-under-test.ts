import type { Organisation } from '@eko/msp';
import type { FabricProfile } from '@eko/sdk';
import { CHAINCODE, CHANNEL, type TestIdentity, type TestLedger } from '../support/in-process/gateway-client';

/**
 * A ledger that the contract suite runs on: two organisations with a peer each, both of which endorse, and a chaincode
 * of EKO's contracts with the probe beside them. Tests share it, so each uses keys of its own.
 */
export interface LedgerUnderTest extends TestLedger {
  /** The first one's peer is the gateway. */
  readonly organisations: readonly [Organisation, Organisation];
  /** Whether the channel knows Ed25519 identities: Fabric 3 has them, where a channel asks for its capabilities. */
  readonly hasEd25519: boolean;
  /** Whether a gateway's own peer looks for the end of certificates: those of Fabric 2.5 leave it to all others. */
  readonly refusesExpiredQueries: boolean;
  /** Whether peers refuse what a clock sent that is more than 15 minutes off: those of Fabric 3 do. */
  readonly hasTimeWindow: boolean;
  /**
   * Whether a client hears why its transaction was not ordered. Of BFT orderers a gateway says only that too few took
   * it, which is also what they do with one that they have had before.
   */
  readonly tellsWhyNotOrdered: boolean;
  /** Stops it and removes what it was made of. */
  remove(): Promise<void>;
}

/** How an identity reaches the ledger through EKO's own adapter. */
export function profileOf(ledger: TestLedger, identity: TestIdentity): FabricProfile {
  const { address: endpoint, tlsCaPem, hostAlias } = ledger;
  const { mspId, certificatePem, privateKeyPem } = identity;
  return {
    endpoint,
    tlsCaPem,
    mspId,
    certificatePem,
    privateKeyPem,
    channel: CHANNEL,
    chaincode: CHAINCODE,
    ...(hostAlias === undefined ? {} : { hostAlias }),
  };
}
