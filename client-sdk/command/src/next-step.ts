import { ERROR_CODES, type Blame, type EkoError, type ErrorCode } from '@eko/protocol';

const BY_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  INVALID_CONFIG: 'correct the setting or file that is named, then run it again',
  UNAUTHENTICATED: 'name the token file of that party with --token-file',
  SECRET_IN_METADATA: 'take the secret out: metadata is public for ever once it is on the ledger',
  POLICY_UNSATISFIABLE: 'ask for fewer witnesses or dealers, or relax the filter that is named',
  BAD_STATE: 'look at the present state first: eko dev status, eko fabric status, eko stream show',
  ROSTER_FULL:
    'look at the nodes of the organisation: eko node show; decide about those that wait, retire others',
  NO_SLOT:
    'have the provider decide about those that wait: eko stream accept, eko stream revoke; see them: eko stream list --state requested',
  NOT_FOUND: 'look at what there is: eko stream list, eko dev status',
  STREAM_CUT: 'see what the other side says; then run both sides again',
  STREAM_ENDED: 'request a new stream: eko stream request',
  CORRUPT_RECORD: 'restore that file from a backup; for a development network: eko dev reset',
  DEADLINE_EXCEEDED: 'see whether everything runs: eko dev status',
  LEDGER_UNAVAILABLE: 'see whether the ledger runs: eko dev status',
  PEER_UNAVAILABLE: 'see whether the node runs: eko dev status',
  COMMIT_UNKNOWN: 'look at the stream before trying again: eko stream show',
  IDEMPOTENCY_MISMATCH: 'use another --bundle-id: this one belongs to another request',
  CANCELLED: 'nothing is left running; run it again when you like',
  INTERNAL: 'this is a defect; the log files of the network may say more',
};

const BY_BLAME: Readonly<Record<Blame, string>> = {
  input: 'see the command with --help',
  permission: 'use the identity or token that may do this',
  conflict: 'look at the present state: eko stream show',
  verification: 'do not trust what failed; ask for a new stream',
  unavailable: 'try again in a moment',
  internal: 'this is a defect; the log files of the network may say more',
};

/** What a person can do about a failure: what the failure itself says (`details.next`), or what its code suggests. */
export function nextStepFor({ code, details: { next } }: EkoError): string {
  if (typeof next === 'string') return next;
  return BY_CODE[code] ?? BY_BLAME[ERROR_CODES[code].blame];
}
