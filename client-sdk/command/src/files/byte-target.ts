/** Where received bytes go to. */
export interface ByteTarget {
  /** Writes a chunk; resolves when the system has taken it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes everything durable and puts a whole file in its place. */
  keep(): Promise<void>;
  /** Takes away what was written of a file. */
  drop(): Promise<void>;
}
