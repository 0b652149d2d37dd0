import { TRANSACTIONS } from '@eko/protocol/ledger';
import type { ChaincodeMetadata } from '@eko/sdk/node';
import { failure, ok, skipped, warning, type Finding } from './finding';

/**
 * Whether a chaincode is EKO's and has what these programs need of it.
 *
 * @param expected - the version of the chaincode that came with these programs
 */
export function checkVersion(
  { version, transactions }: ChaincodeMetadata,
  chaincode: string,
  expected: string,
): { readonly isEko: boolean; readonly findings: readonly Finding[] } {
  const offered = new Set(transactions);
  const wanted = Object.values(TRANSACTIONS);
  const missing = wanted.filter((name) => !offered.has(name));
  const deploy = `deploy version ${expected}: eko chaincode package, then the next sequence; see docs/deploy-fabric.md`;
  if (missing.length === wanted.length) {
    const text = `The chaincode ${chaincode} is not EKO's`;
    const fix = `correct chaincode in the profile, or ${deploy}`;
    return {
      isEko: false,
      findings: [
        failure('chaincode', 'INVALID_CONFIG', text, fix),
        skipped('version', 'needs the EKO chaincode'),
      ],
    };
  }
  const present = ok('chaincode', `${chaincode} is EKO's, committed and running`);
  const stated = version === '' ? 'which states no version' : `of version ${version}`;
  if (missing.length > 0) {
    const text = `The chaincode, ${stated}, lacks ${missing.slice(0, 3).join(', ')}, which this program needs`;
    return { isEko: true, findings: [present, failure('version', 'UNSUPPORTED_VERSION', text, deploy)] };
  }
  const isEqual = version === '' || version === expected;
  const text = `the chaincode, ${stated}, has every transaction of this program's ${expected}`;
  const finding = isEqual
    ? ok('version', text)
    : warning('version', text, `use programs of version ${version}, or ${deploy}`);
  return { isEko: true, findings: [present, finding] };
}
