import { PERMISSIONS } from './schemas/scalars';

/** Which way the data of a stream may go. */
export interface StreamDirections {
  readonly toInitiator: boolean;
  readonly toProvider: boolean;
}

/**
 * The directions that a request's permissions grant; words of the application grant none.
 * @see docs/protocol.md, "5. The key and the stream"
 */
export function streamDirectionsOf(permissions: readonly string[]): StreamDirections {
  return {
    toInitiator: permissions.includes(PERMISSIONS.read),
    toProvider: permissions.includes(PERMISSIONS.write),
  };
}
