import { packageVersion, type Command, type CommandInput, type Terminal } from '@eko/command';
import { EkoError, isEkoError } from '@eko/protocol';
import { join } from 'node:path';
import type { Finding } from '../doctor/finding';
import { LEDGER_OPTIONS, profileFilesOf } from './ledger-options';

/** `eko doctor` */
export const doctor: Command = {
  path: ['doctor'],
  summary: 'check a Fabric profile, its peer, its channel and the chaincode, and say what mends them',
  options: [
    ...LEDGER_OPTIONS,
    {
      flags: '--ca <file>',
      summary: "PEM: the authority of the identity's MSP (default: cacerts beside its signcerts)",
    },
  ],
  examples: [
    'doctor --profile fabric.json',
    'doctor --profile fabric.json --ca ca.org1.example.com-cert.pem',
    'doctor --profile fabric.json --json',
  ],
  async run(input, terminal) {
    const [findings, { isFailure }] = await Promise.all([
      examine(input, terminal),
      import('../doctor/finding.js'),
    ]);
    terminal.result({ findings }, doctorLines(findings));
    const failures = findings.filter(isFailure);
    const [first] = failures;
    if (first === undefined) return;
    throw new EkoError(
      first.code,
      `${failures.length} of ${findings.length} checks failed; first: ${first.text}`,
      {
        details: { check: first.check, next: first.fix },
      },
    );
  },
};

async function examine(input: CommandInput, terminal: Terminal): Promise<readonly Finding[]> {
  const [{ runDoctor }, { failure, ok }] = await Promise.all([
    import('../doctor/run-doctor.js'),
    import('../doctor/finding.js'),
  ]);
  const authorityFile = input.text('ca');
  const files = await profileFilesOf(input, terminal).catch((error: unknown) => {
    if (isEkoError(error)) return error;
    throw error;
  });
  if (files instanceof EkoError) {
    return [
      failure('profile', files.code, files.message, 'write one with eko init, or name it with --profile'),
    ];
  }
  const { mspId, channel, chaincode, endpoint } = files;
  const findings = await runDoctor({
    files,
    ...(authorityFile === undefined ? {} : { authorityFile }),
    // All packages of EKO are released together.
    chaincodeVersion: packageVersion(join(__dirname, '..', '..')),
    nowUnixMs: Date.now(),
    signal: terminal.signal,
  });
  return [ok('profile', `${mspId} on ${channel}/${chaincode} through ${endpoint}`), ...findings];
}

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failure: 'FAILURE',
  skipped: 'skipped',
};
const MARK_WIDTH = 9;
const NAME_WIDTH = 13;

/** Findings for people: one line each, and the fix below where there is something to mend. */
function doctorLines(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap((finding) => {
    const line = `${MARKS[finding.status].padEnd(MARK_WIDTH)}${finding.check.padEnd(NAME_WIDTH)}${finding.text}`;
    return 'fix' in finding ? [line, `${' '.repeat(MARK_WIDTH)}fix: ${finding.fix}`] : [line];
  });
}
