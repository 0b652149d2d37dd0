import { SecretBytes } from '@eko/protocol';
import { TRANSACTIONS, identityHash, type LedgerPosition, type NodeRole } from '@eko/protocol/ledger';
import { deriveKemPrivateKey, proveNodeKeys, proveVrf } from '@eko/protocol/crypto';
import { importX25519Key, newEd25519Signer, proveTlsKey } from '@eko/protocol/node';
import { connectGatewayLedger, type FabricProfile, type Ledger } from '@eko/sdk';
import type { PartyKeys } from '@eko/sdk/node';
import { X509Certificate, randomBytes } from 'node:crypto';
import { selfSignedTls } from '../data/self-signed-certificate';
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
  const { publicKey } = new X509Certificate(profile.certificatePem);
  const identity = identityHash(profile.mspId, publicKey.export({ type: 'spki', format: 'der' }));
  const seed = <Label extends string>(label: Label): SecretBytes<Label> =>
    new SecretBytes(label, new Uint8Array(randomBytes(32)));
  const vrf = seed('vrf seed');
  const seeds = { kem: seed('kem seed'), sign: seed('sign seed'), ...(role === 'witness' ? {} : { vrf }) };
  const keys = {
    ...proveNodeKeys(seeds, { nodeId, identity }),
    tls: proveTlsKey(await selfSignedTls(nodeId), { nodeId, identity }),
  };
  const { blockNumber, txId } = await ledger.submit(TRANSACTIONS.registerNode, { nodeId, role, keys });
  const kem = importX25519Key(deriveKemPrivateKey(seeds.kem));
  const prove = (alpha: Uint8Array): Uint8Array => proveVrf(vrf, alpha);
  return { nodeId, blockNumber, txId, keys: { nodeId, kem, sign: newEd25519Signer(seeds.sign), prove } };
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
