import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContractClass } from '@eko/embedded-ledger';
import { issueIdentity, type IdentityRequest, type Organisation } from '@eko/msp';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { runDoctor } from '../../../client-sdk/cli/src/doctor/run-doctor';
import type { Finding } from '../../../client-sdk/cli/src/doctor/finding';
import { LedgerHarness } from './ledger-harness';

export const VERSION = '0.1.0';

/** An embedded ledger, a profile that works on it, and the folder in which to break things. */
export interface ExaminedLedger {
  readonly directory: string;
  readonly organisation: Organisation;
  readonly other: Organisation;
  readonly files: FabricProfileFiles;
  /** Writes a file that only its owner may read. */
  put(name: string, text: string): string;
  stop(): Promise<void>;
}

/** Starts one with these contracts. */
export async function startExaminedLedger(contracts: readonly ContractClass[]): Promise<ExaminedLedger> {
  const harness = await LedgerHarness.start({ channel: 'trade', contracts });
  const { directory, running: ledger } = harness;
  const [organisation, other] = [harness.organisation(), harness.organisation(1)];
  const { mspFolder } = await issueIdentity(organisation, { name: 'alice' });
  return {
    directory,
    organisation,
    other,
    files: {
      endpoint: ledger.address,
      hostAlias: 'peer0.org1.example.com',
      mspId: 'Org1MSP',
      channel: 'trade',
      chaincode: 'eko',
      tlsCaPath: ledger.tlsCaFile,
      certificatePath: join(mspFolder, 'signcerts/alice@org1.example.com-cert.pem'),
      privateKeyPath: join(mspFolder, 'keystore/priv_sk'),
    },
    put: (name, text) => {
      const file = join(directory, name);
      writeFileSync(file, text);
      chmodSync(file, 0o600);
      return file;
    },
    stop: () => harness.stop(),
  };
}

/** Writes the profile of a fresh identity of the ledger's first organisation, or of another. */
export async function profileOfNew(
  eko: ExaminedLedger,
  request: IdentityRequest,
  of: Organisation = eko.organisation,
): Promise<string> {
  const { mspFolder } = await issueIdentity(of, request);
  const profile = {
    ...eko.files,
    mspId: of.mspId,
    certificatePath: join(mspFolder, `signcerts/${request.name}@${of.domain}-cert.pem`),
    privateKeyPath: join(mspFolder, 'keystore/priv_sk'),
  };
  return eko.put(`${request.name}.${of.mspId}.json`, JSON.stringify(profile));
}

/** What the doctor finds, by check. */
export async function examine(
  files: FabricProfileFiles,
  authorityFile?: string,
): Promise<ReadonlyMap<string, Finding>> {
  const findings = await runDoctor({
    files,
    ...(authorityFile === undefined ? {} : { authorityFile }),
    chaincodeVersion: VERSION,
    nowUnixMs: Date.now(),
    signal: new AbortController().signal,
  });
  return new Map(findings.map((finding) => [finding.check, finding]));
}

/** Every check that was made, and what came of it, as `key: ok`. */
export function found(findings: ReadonlyMap<string, Finding>): readonly string[] {
  const made = [...findings.values()].filter(({ status }) => status !== 'skipped');
  return made.map(({ check, status }) => `${check}: ${status}`);
}

/** The same of what is not as it should be. */
export function troubles(findings: ReadonlyMap<string, Finding>): readonly string[] {
  return found(findings).filter((line) => !line.endsWith(': ok'));
}
