import { TRANSACTIONS, type LedgerPosition, type NodeRole } from '@eko/protocol/ledger';
import { deriveKemPrivateKey, proveVrf } from '@eko/protocol/crypto';
import { importX25519Key, newEd25519Signer } from '@eko/protocol/node';
import { connectGatewayLedger, type FabricProfile, type Ledger } from '@eko/sdk';
import type { PartyKeys } from '@eko/sdk/node';
import { newHeldKeys, registrationKeys, type HeldKeys } from '../contracts/test-node';
import { LedgerHarness } from './ledger-harness';

/** A node that is registered, and where on the ledger that was. */
export interface RegisteredNode extends LedgerPosition {
  readonly nodeId: string;
  readonly keys: PartyKeys;
}

/** Registers a node with fresh keys as the identity of `profile`. */
export async function registerNode(
  ledger: Ledger,
  profile: FabricProfile,
  nodeId: string,
  role: NodeRole,
): Promise<RegisteredNode> {
  const held = await newHeldKeys(nodeId, role);
  const keys = registrationKeys(nodeId, profile, held);
  const { blockNumber, txId } = await ledger.submit(TRANSACTIONS.registerNode, { nodeId, role, keys });
  return { nodeId, blockNumber, txId, keys: partyKeysOf(nodeId, held) };
}

/** What a party works with, from its seeds. */
function partyKeysOf(nodeId: string, { seeds: { kem, sign, vrf } }: HeldKeys): PartyKeys {
  return {
    nodeId,
    kem: importX25519Key(deriveKemPrivateKey(kem)),
    sign: newEd25519Signer(sign),
    prove: (alpha) => {
      if (vrf === undefined) throw new TypeError(`${nodeId} has no vrf key`);
      return proveVrf(vrf, alpha);
    },
  };
}

/** A connected party on a fresh ledger. */
export interface StartedParty {
  readonly eko: LedgerHarness;
  readonly ledger: Ledger;
  readonly profile: FabricProfile;
  readonly keys: PartyKeys;
  readonly nodeId: string;
}

/** Starts a ledger and registers one party on it. */
export async function startParty(): Promise<StartedParty> {
  const eko = await LedgerHarness.start();
  const profile = await eko.profile({ name: 'alice' });
  const ledger = connectGatewayLedger({ profile });
  const { keys, nodeId } = await registerNode(ledger, profile, 'party-1', 'party');
  return { eko, ledger, profile, keys, nodeId };
}
