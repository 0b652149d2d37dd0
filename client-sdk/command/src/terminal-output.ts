/** An output stream as far as a terminal needs it. */
export interface TerminalOutput {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}
