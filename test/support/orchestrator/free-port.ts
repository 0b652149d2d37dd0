import { freePorts } from '@eko/process-kit';

/** A port that was free a moment ago, and that no outgoing connection takes. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
