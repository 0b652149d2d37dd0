import { freePorts } from '../../network/local/src/processes/free-ports';

/** A port that was free a moment ago, and that no outgoing connection takes. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
