import type { ErrorCode } from '@eko/protocol';

/** What `eko doctor` looks at, in its order. */
export type CheckName =
  | 'profile'
  | 'files'
  | 'key mode'
  | 'certificate'
  | 'key'
  | 'validity'
  | 'role'
  | 'chain'
  | 'endpoint'
  | 'TLS chain'
  | 'TLS name'
  | 'gateway'
  | 'channel'
  | 'identity'
  | 'chaincode'
  | 'version'
  | 'clock'
  | 'events'
  | 'keepalive';

/** What came of one check. A `failure` has the code that stands for it, and what mends it. */
export type Finding =
  | { readonly check: CheckName; readonly status: 'ok' | 'skipped'; readonly text: string }
  | { readonly check: CheckName; readonly status: 'warning'; readonly text: string; readonly fix: string }
  | {
      readonly check: CheckName;
      readonly status: 'failure';
      readonly text: string;
      readonly fix: string;
      readonly code: ErrorCode;
    };

/** A check that failed. */
export type Failure = Extract<Finding, { readonly status: 'failure' }>;

/** It is as it should be. */
export const ok = (check: CheckName, text: string): Finding => ({ check, status: 'ok', text });

/** It could not be looked at, or there was nothing to look at. */
export const skipped = (check: CheckName, text: string): Finding => ({ check, status: 'skipped', text });

/** It works today. */
export const warning = (check: CheckName, text: string, fix: string): Finding => ({
  check,
  status: 'warning',
  text,
  fix,
});

/** It keeps EKO from working. */
export const failure = (check: CheckName, code: ErrorCode, text: string, fix: string): Failure => ({
  check,
  status: 'failure',
  text,
  fix,
  code,
});

/** Tells whether a check failed. */
export const isFailure = (finding: Finding): finding is Failure => finding.status === 'failure';
