import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedLedger } from '@eko/embedded-ledger';
import { issueIdentity, type Organisation } from '@eko/msp';
import { CERTIFICATE_ATTRIBUTES, TRANSACTIONS, identityHash, type NodeRole } from '@eko/protocol/ledger';
import { proveNodeKeys } from '@eko/protocol/crypto';
import { proveTlsKey } from '@eko/protocol/node';
import { connectGatewayLedger, readFabricProfile, type Ledger } from '@eko/sdk';
import { loadNodeKeys, type NodeKeys, initNodeKeys } from '@eko/sdk/node';
import { freePort } from '../free-port';

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
  readonly embedded: EmbeddedLedger;
  readonly channel: string;
  readonly folder: string;
}): Promise<{ readonly keys: NodeKeys; readonly ledger: Ledger; readonly member: LiveMember }> {
  const { nodeId, role, organisation, embedded, channel, folder } = joining;
  const keysDirectory = join(folder, 'keys');
  const port = await freePort();
  const attributes = { [CERTIFICATE_ATTRIBUTES.role]: role };
  const identity = await issueIdentity(organisation, { name: nodeId, attributes });
  await initNodeKeys(keysDirectory, { nodeId, role });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const ledgerProfile = await file(
    'profile.json',
    JSON.stringify({
      endpoint: embedded.address,
      mspId: identity.mspId,
      channel,
      chaincode: 'eko',
      hostAlias: 'localhost',
      tlsCaPath: embedded.tlsCaFile,
      certificatePath: await file('certificate.pem', identity.certificatePem),
      privateKeyPath: await file('private.pem', identity.privateKeyPem),
    }),
  );
  const keys = loadNodeKeys(keysDirectory, { nodeId, role });
  const ledger = connectGatewayLedger({ profile: await readFabricProfile(ledgerProfile) });
  const { publicKey } = new X509Certificate(identity.certificatePem);
  const owner = {
    nodeId,
    identity: identityHash(identity.mspId, publicKey.export({ type: 'spki', format: 'der' })),
  };
  await ledger.submit(TRANSACTIONS.registerNode, {
    nodeId,
    role,
    keys: { ...proveNodeKeys(keys.seeds, owner), tls: proveTlsKey(keys.tls, owner) },
    ...(role === 'party'
      ? { streamAddress: `127.0.0.1:${port}` }
      : { endpoint: `https://127.0.0.1:${port}` }),
  });
  const dataDirectory = join(folder, 'data');
  return { keys, ledger, member: { nodeId, role, port, keysDirectory, ledgerProfile, dataDirectory } };
}
