import type { FabricProfile } from '@eko/sdk';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { checkFiles } from './check-files';
import { checkIdentity } from './check-identity';
import { checkLedger, keepaliveNote, skippedLedger } from './check-ledger';
import { checkTls } from './check-tls';
import { isFailure, type Finding } from './finding';

/** What a profile is checked with. */
export interface Examination {
  readonly files: FabricProfileFiles;
  /** The MSP's authority, where it does not lie beside the certificate. */
  readonly authorityFile?: string;
  /** The version of the chaincode that came with this program. */
  readonly chaincodeVersion: string;
  readonly nowUnixMs: number;
  readonly signal: AbortSignal;
}

/** Checks a profile from its files to the chaincode. What a failure makes senseless is skipped. */
export async function runDoctor(examination: Examination): Promise<readonly Finding[]> {
  const { files, authorityFile, chaincodeVersion, nowUnixMs, signal } = examination;
  const { findings: ofFiles, material } = await checkFiles(files, authorityFile);
  if (material === undefined) return ofFiles;
  const ofIdentity = checkIdentity(material, nowUnixMs);
  const ofTls = await checkTls({ ...files, tlsCaPem: material.tlsCaPem }, nowUnixMs, signal);
  const local = [...ofFiles, ...ofIdentity, ...ofTls];
  const cannotSign = ofIdentity.some(
    (finding) => isFailure(finding) && (finding.check === 'certificate' || finding.check === 'key'),
  );
  if (cannotSign || ofTls.some(isFailure)) {
    return [...local, ...skippedLedger('needs what failed'), keepaliveNote()];
  }
  const { endpoint, hostAlias, mspId, channel, chaincode } = files;
  const { tlsCaPem, certificatePem, privateKeyPem } = material;
  const profile: FabricProfile = {
    endpoint,
    ...(hostAlias === undefined ? {} : { hostAlias }),
    mspId,
    channel,
    chaincode,
    tlsCaPem,
    certificatePem,
    privateKeyPem,
  };
  return [...local, ...(await checkLedger(profile, chaincodeVersion, signal)), keepaliveNote()];
}
