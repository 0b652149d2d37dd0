import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueIdentity, type Organisation } from '@eko/msp';
import { CERTIFICATE_ATTRIBUTES, type NodeRole } from '@eko/protocol/ledger';
import { connectGatewayLedger, readFabricProfile, type Ledger } from '@eko/sdk';
import { initNodeKeys, loadNodeKeys, registerNode, type NodeKeys } from '@eko/sdk/node';
import { freePort } from '../free-port';
import type { LedgerHarness } from './ledger-harness';

/** Where a member's keys, profile and data lie, and its own port: a party listens for streams there. */
export interface LiveMember {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly port: number;
  readonly keysDirectory: string;
  readonly ledgerProfile: string;
  readonly dataDirectory: string;
}

/** Makes a node's keys, identity and profile in a folder of its own, and registers it; the caller closes what it gets. */
export async function registerMember(joining: {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly organisation: Organisation;
  readonly harness: LedgerHarness;
}): Promise<{ readonly keys: NodeKeys; readonly ledger: Ledger; readonly member: LiveMember }> {
  const { nodeId, role, organisation, harness } = joining;
  const folder = join(harness.directory, nodeId);
  const keysDirectory = join(folder, 'keys');
  const port = await freePort();
  const identity = await issueIdentity(organisation, {
    name: nodeId,
    attributes: { [CERTIFICATE_ATTRIBUTES.role]: role },
  });
  await initNodeKeys(keysDirectory, { nodeId, role });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const ledgerProfile = await file(
    'profile.json',
    JSON.stringify({
      endpoint: harness.running.address,
      mspId: identity.mspId,
      channel: harness.options.channel,
      chaincode: harness.options.chaincodeName,
      hostAlias: 'localhost',
      tlsCaPath: harness.running.tlsCaFile,
      certificatePath: await file('certificate.pem', identity.certificatePem),
      privateKeyPath: await file('private.pem', identity.privateKeyPem),
    }),
  );
  const keys = loadNodeKeys(keysDirectory, { nodeId, role });
  const profile = await readFabricProfile(ledgerProfile);
  const ledger = connectGatewayLedger({ profile });
  const address = `127.0.0.1:${port}`;
  const attributes = role === 'party' ? { streamAddress: address } : { endpoint: `https://${address}` };
  await registerNode({ ledger, profile, nodeId, role, keysDirectory, attributes });
  const dataDirectory = join(folder, 'data');
  return { keys, ledger, member: { nodeId, role, port, keysDirectory, ledgerProfile, dataDirectory } };
}
