import { createOrganisation } from '@eko/msp';
import { writeWhole } from '@eko/protocol/node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FabricLayout } from '../plan/fabric-layout';
import { FABRIC_HOST, chaincodeName, type PlannedOrganisation } from '../plan/topology';

/** Files of a TLS key that the organisation's TLS authority certified. */
export interface ChaincodeTlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly root: string;
}

/** The files of a chaincode process, or of an organisation's peers towards theirs (`peersOf`). */
export function chaincodeTlsFiles(layout: FabricLayout, name: string): ChaincodeTlsFiles {
  const folder = layout.chaincodeTls(name);
  return { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), root: join(folder, 'ca.crt') };
}

/** The holder of the certificate that an organisation's peers show to their chaincode processes. */
export const peersOf = (mspId: string): string => `peers-of-${mspId}`;

/** Issues what is missing of an organisation's TLS keys between peers and chaincode: one a process, one for the peers. */
export async function prepareChaincodeTls(
  layout: FabricLayout,
  { mspId, domain, peers }: PlannedOrganisation,
): Promise<void> {
  const { tlsCa } = await createOrganisation({ directory: layout.crypto, mspId, domain });
  for (const name of [peersOf(mspId), ...peers.map(chaincodeName)]) {
    const files = chaincodeTlsFiles(layout, name);
    if (existsSync(files.certificate)) continue;
    const issued = await tlsCa.issue({ commonName: `${name}.${domain}`, hosts: ['localhost', FABRIC_HOST] });
    await writeWhole(files.root, tlsCa.root.certificatePem);
    await writeWhole(files.key, issued.privateKeyPem);
    // The certificate goes last: where it is, the others are.
    await writeWhole(files.certificate, issued.certificatePem);
  }
}
