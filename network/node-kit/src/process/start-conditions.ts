import { EkoError } from '@eko/protocol';

/** Options of Node that let somebody read memory or keys out of a running process. */
const REVEALING =
  /^--(inspect|inspect-brk|inspect-port|inspect-publish-uid|inspect-wait|debug-port|tls-keylog|heapsnapshot-signal|heapsnapshot-near-heap-limit|heap-prof|cpu-prof|report-[a-z-]+|trace-tls|diagnostic-dir)(=|$)/;

/**
 * Refuses to start a process that holds keys where it could be read from outside.
 *
 * @param nodeOptions - the value of NODE_OPTIONS
 * @throws EkoError `INVALID_CONFIG` naming the option
 */
export function checkStartConditions(nodeOptions: string | undefined, execArgv: readonly string[]): void {
  const options = [...(nodeOptions ?? '').split(/\s+/), ...execArgv];
  const revealing = options.find((option) => REVEALING.test(option.replaceAll('_', '-')));
  if (revealing === undefined) return;
  const name = revealing.replace(/=.*$/, '');
  throw new EkoError(
    'INVALID_CONFIG',
    `This process holds keys and does not start with ${name}; remove it from NODE_OPTIONS`,
    {
      details: { setting: name },
    },
  );
}
