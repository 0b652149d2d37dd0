/** Facts that may stand in a log line. Everything else is left out, whoever passes it. */
export interface LogFields {
  readonly nodeId?: string;
  readonly peer?: string;
  readonly role?: string;
  readonly bundleId?: string;
  readonly streamId?: string;
  readonly epoch?: number;
  readonly txId?: string;
  readonly blockNumber?: number;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly durationMs?: number;
  readonly count?: number;
  /** Lines of the same event that were left out before this one. */
  readonly leftOut?: number;
  readonly attempt?: number;
  readonly sizeBytes?: number;
  readonly receivedBytes?: number;
  readonly sentBytes?: number;
  readonly host?: string;
  readonly port?: number;
  readonly file?: string;
  readonly key?: string;
  readonly signal?: string;
  readonly state?: string;
  readonly reason?: string;
  /** Ours gives its code and details, anything else only its class and system code. */
  readonly error?: unknown;
}

/** Where a node says what it does. `event` is a constant text of ours, never made of input. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
