import { EkoError } from '@eko/protocol';
import type { StreamCredentials, StreamRole } from './stream-credentials';

/** A way that data goes, as one end of a connection sees it. */
export type DataDirection = 'incoming' | 'outgoing';

/** Which ways the data of one end may go, and who is told of data that went another. Must not throw. */
export interface GrantedDirections {
  readonly incoming: boolean;
  readonly outgoing: boolean;
  readonly onRefused: (direction: DataDirection) => void;
}

/** What a stream's directions are at the end of one role. */
export function grantedDirectionsOf(
  { directions }: Pick<StreamCredentials, 'directions'>,
  role: StreamRole,
  onRefused: (direction: DataDirection) => void,
): GrantedDirections {
  const { toInitiator, toProvider } = directions;
  return role === 'initiator'
    ? { incoming: toInitiator, outgoing: toProvider, onRefused }
    : { incoming: toProvider, outgoing: toInitiator, onRefused };
}

/** What the user of a connection sees when data went a way that its stream does not permit. */
export function directionNotGrantedError(direction: DataDirection): EkoError {
  const message =
    direction === 'incoming'
      ? 'The other end sent data that the permissions of this stream do not grant; nothing of it was taken'
      : 'The permissions of this stream do not grant data this way; request one with the other permission, `read` or `write`';
  return new EkoError('DIRECTION_NOT_GRANTED', message, { details: { direction } });
}
