/**
 * Every failure that crosses a boundary has one of these codes. The code is the contract; the text is for people.
 * `blame` says whose doing it is, `status` is the HTTP answer, `exit` the command line's exit status.
 */
export const ERROR_CODES = {
  // The caller sent something that can never succeed.
  INVALID_ARGUMENT: { blame: 'input', status: 400, exit: 2 },
  TOO_LARGE: { blame: 'input', status: 413, exit: 2 },
  TOO_DEEP: { blame: 'input', status: 400, exit: 2 },
  SECRET_IN_METADATA: { blame: 'input', status: 400, exit: 2 },
  EXPIRY_OUT_OF_RANGE: { blame: 'input', status: 400, exit: 2 },
  POLICY_UNSATISFIABLE: { blame: 'input', status: 422, exit: 2 },
  INVALID_PARTY: { blame: 'input', status: 422, exit: 2 },
  INVALID_KEY: { blame: 'input', status: 400, exit: 2 },
  INVALID_ENDPOINT: { blame: 'input', status: 400, exit: 2 },
  INVALID_COMMITMENTS: { blame: 'input', status: 400, exit: 2 },
  INVALID_CONFIG: { blame: 'input', status: 500, exit: 78 },
  UNSUPPORTED_MEDIA_TYPE: { blame: 'input', status: 415, exit: 2 },
  // The caller may not do this.
  IDENTITY_NOT_CANONICAL: { blame: 'permission', status: 403, exit: 77 },
  UNAUTHENTICATED: { blame: 'permission', status: 401, exit: 77 },
  FORBIDDEN: { blame: 'permission', status: 403, exit: 77 },
  NO_PERMIT: { blame: 'permission', status: 403, exit: 77 },
  PERMIT_TOO_OLD: { blame: 'permission', status: 403, exit: 77 },
  PERMIT_USED: { blame: 'permission', status: 403, exit: 77 },
  ENDPOINT_REFUSED: { blame: 'permission', status: 403, exit: 77 },
  DIRECTION_NOT_GRANTED: { blame: 'permission', status: 403, exit: 77 },
  // The request was sound, but not in the present state.
  NOT_FOUND: { blame: 'conflict', status: 404, exit: 4 },
  ALREADY_EXISTS: { blame: 'conflict', status: 409, exit: 4 },
  IDEMPOTENCY_MISMATCH: { blame: 'conflict', status: 409, exit: 4 },
  KEY_IN_USE: { blame: 'conflict', status: 409, exit: 4 },
  BAD_STATE: { blame: 'conflict', status: 409, exit: 4 },
  STREAM_ENDED: { blame: 'conflict', status: 410, exit: 4 },
  CONNECTION_LIMIT: { blame: 'conflict', status: 409, exit: 4 },
  FENCED: { blame: 'conflict', status: 409, exit: 4 },
  NOT_OVERDUE: { blame: 'conflict', status: 409, exit: 4 },
  RECEIPTS_LOST: { blame: 'conflict', status: 409, exit: 4 },
  ROSTER_FULL: { blame: 'conflict', status: 409, exit: 4 },
  NO_SLOT: { blame: 'conflict', status: 409, exit: 4 },
  LEDGER_CONFLICT: { blame: 'conflict', status: 409, exit: 4 },
  DUPLICATE_TRANSACTION: { blame: 'conflict', status: 409, exit: 4 },
  // Somebody's material does not hold.
  ENVELOPE_INVALID: { blame: 'verification', status: 400, exit: 5 },
  ENVELOPE_MISMATCH: { blame: 'verification', status: 409, exit: 5 },
  ENVELOPE_CONFLICT: { blame: 'verification', status: 409, exit: 5 },
  BAD_SHARE: { blame: 'verification', status: 422, exit: 5 },
  NOT_ENOUGH_SHARES: { blame: 'verification', status: 422, exit: 5 },
  BAD_DEALING: { blame: 'verification', status: 422, exit: 5 },
  BAD_SIGNATURE: { blame: 'verification', status: 422, exit: 5 },
  BAD_PROOF: { blame: 'verification', status: 422, exit: 5 },
  SELECTION_MISMATCH: { blame: 'verification', status: 422, exit: 5 },
  HANDSHAKE_REFUSED: { blame: 'verification', status: 502, exit: 5 },
  HISTORY_VIOLATED: { blame: 'verification', status: 422, exit: 5 },
  CORRUPT_RECORD: { blame: 'verification', status: 500, exit: 5 },
  UNSUPPORTED_VERSION: { blame: 'verification', status: 501, exit: 5 },
  // Something that is needed does not answer; trying again later may help.
  CLOCK_SKEW: { blame: 'unavailable', status: 503, exit: 69 },
  STALE_LEDGER: { blame: 'unavailable', status: 503, exit: 69 },
  LEDGER_UNAVAILABLE: { blame: 'unavailable', status: 503, exit: 69 },
  COMMIT_UNKNOWN: { blame: 'unavailable', status: 503, exit: 69 },
  QUORUM_UNAVAILABLE: { blame: 'unavailable', status: 503, exit: 69 },
  STREAM_CUT: { blame: 'unavailable', status: 503, exit: 69 },
  PEER_UNAVAILABLE: { blame: 'unavailable', status: 503, exit: 69 },
  STORE_FULL: { blame: 'unavailable', status: 507, exit: 69 },
  RATE_LIMITED: { blame: 'unavailable', status: 429, exit: 69 },
  DEADLINE_EXCEEDED: { blame: 'unavailable', status: 504, exit: 69 },
  CANCELLED: { blame: 'unavailable', status: 499, exit: 130 },
  SHUTTING_DOWN: { blame: 'unavailable', status: 503, exit: 69 },
  RNG_FAILED: { blame: 'unavailable', status: 503, exit: 69 },
  INTERNAL: { blame: 'internal', status: 500, exit: 70 },
} as const satisfies Record<string, { blame: Blame; status: number; exit: number }>;

/** Whose doing a failure is. */
export type Blame = 'input' | 'permission' | 'conflict' | 'verification' | 'unavailable' | 'internal';

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Small public facts about a failure, safe to print: ids, limits, field names. Never a value that could be secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * The one error class of EKO.
 *
 * `message` tells a person what happened and what to do; `details` holds ids and limits that are safe to print.
 */
export class EkoError extends Error {
  /** What went wrong: what programs decide by. It never changes its meaning. */
  readonly code: ErrorCode;
  /** Ids, limits and names of fields that are safe to print. */
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EkoError';
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Whose doing this is. */
  get blame(): Blame {
    return ERROR_CODES[this.code].blame;
  }

  /** What leaves the process: code, text and details, never the cause. */
  toJSON(): { code: ErrorCode; message: string; details: ErrorDetails } {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** Tells whether `error` is one of ours, optionally with one of the given codes. */
export function isEkoError(error: unknown, ...codes: readonly ErrorCode[]): error is EkoError {
  return error instanceof EkoError && (codes.length === 0 || codes.includes(error.code));
}

/** Tells whether `text` is one of our codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
