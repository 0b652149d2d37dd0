import type { Finding } from './finding';

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failure: 'FAILURE',
  skipped: 'skipped',
};
const MARK_WIDTH = 9;
const NAME_WIDTH = 13;

/** Findings for people: one line each, and the fix below where there is something to mend. */
export function doctorLines(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap((finding) => {
    const line = `${MARKS[finding.status].padEnd(MARK_WIDTH)}${finding.check.padEnd(NAME_WIDTH)}${finding.text}`;
    return 'fix' in finding ? [line, `${' '.repeat(MARK_WIDTH)}fix: ${finding.fix}`] : [line];
  });
}
