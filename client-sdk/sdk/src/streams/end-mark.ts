import { timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { EkoError } from '@eko/protocol';
import { directionNotGrantedError, type GrantedDirections } from './granted-directions';

/** The encoding that a stream names to its implementation for a chunk of bytes; missing in the type. */
const BYTES = 'buffer' as BufferEncoding;

/** What one end of a connection says last; only the two holders of the key can know it. */
export interface EndMark {
  /** All is sent. */
  readonly sent: Buffer;
  /** All is sent, and before that all that the other end had to send was read to its end. */
  readonly read: Buffer;
}

/** The marks of both ends. */
export interface EndMarks {
  readonly own: EndMark;
  readonly peer: EndMark;
}

/** Connections whose peer has said that it read everything. */
const readToEnd = new WeakSet<Duplex>();
/** What a connection says in the place of its own reader, who is elsewhere. */
const readers = new WeakMap<Duplex, () => boolean>();

/**
 * Whether the other side said, when it ended, that it had read everything that this side sent, up to its end. Known
 * when this side has read to the end; an end that says nothing of it confirms nothing, also where it comes later than
 * the own.
 */
export function isReadByPeer(connection: Duplex): boolean {
  return readToEnd.has(connection);
}

/** Lets `hasRead` answer for the reader of a connection that only passes on what it reads. */
export function answerForReader(connection: Duplex, hasRead: () => boolean): void {
  readers.set(connection, hasRead);
}

/** The steps of a handshake that decide what becomes of an end that comes during it. */
export interface MarkedEnd {
  /** The peer has proved itself; an end before that is the handshake's matter. */
  readonly proved: () => void;
  /** The application gets the stream now: only from here on it can hear of an end. */
  readonly handOut: () => void;
}

/**
 * Makes the end of the data authentic. TLS has an alert for it, but Node shows an end of the TCP connection as the same
 * `end`, so whoever can cut the network could make a part look like the whole. Here `end` comes only after the peer's
 * mark, which is the last record before it; anything else destroys the connection with `STREAM_CUT`.
 *
 * The mark is a record of its own: it is written when no other write is under way, and TLS hands out one record at a
 * time. So nothing is framed and nothing is copied, and a stream is as fast as its TLS connection. For that it hooks
 * into the two methods by which a Node stream is implemented, `push` and `_final`; a stream around the socket would cost
 * a seventh of the throughput.
 *
 * Call before the peer can have sent its mark.
 *
 * An end that comes while nobody can listen yet is kept until the stream is handed out.
 *
 * The mark of an end that has read the other's data to its end says so: what it sends behind that confirms the receipt,
 * and an end that was under way meanwhile does not pass for it.
 *
 * The marks are no data, so this is also where data of a direction that is not granted is refused.
 *
 * @see RFC 8446 section 6.1
 */
export function requireEndMark(socket: Duplex, marks: EndMarks, granted: GrantedDirections): MarkedEnd {
  const push = socket.push.bind(socket);
  const finish = socket._final.bind(socket);
  const write = socket._write.bind(socket);
  refuseNativeConsumers(socket);
  let isProved = false;
  let isHandedOut = false;
  let isMarked = false;
  let isOver = false;
  let hasEnded = false;
  const cut = (): void => {
    socket.destroy(streamCutError());
  };
  const refuse = (direction: 'incoming' | 'outgoing'): false => {
    granted.onRefused(direction);
    socket.destroy(directionNotGrantedError(direction));
    return false;
  };
  socket.push = (chunk: unknown, encoding) => {
    if (chunk === null) {
      isOver = true;
      if (!isProved) return push(null);
      if (!isMarked) cut();
      return isMarked && isHandedOut && push(null);
    }
    if (isMarked) {
      // Whoever has ended says no more.
      cut();
      return false;
    }
    const hasRead = isMark(chunk, marks.peer.read);
    isMarked = hasRead || isMark(chunk, marks.peer.sent);
    if (hasRead && !hasEnded) {
      // Nobody can have read an end that was not sent.
      cut();
      return false;
    }
    if (hasRead) readToEnd.add(socket);
    if (isMarked) return true;
    if (isProved && !granted.incoming) return refuse('incoming');
    return push(chunk, encoding);
  };
  socket._final = (done) => {
    hasEnded = true;
    const hasRead = readers.get(socket) ?? (() => socket.readableEnded);
    write(hasRead() ? marks.own.read : marks.own.sent, BYTES, (error) => {
      if (error) done(error);
      else finish(done);
    });
  };
  return {
    proved: () => {
      isProved = true;
      if (!granted.incoming && socket.readableLength > 0) refuse('incoming');
      if (isOver && !isMarked) cut();
    },
    handOut: () => {
      isHandedOut = true;
      if (!granted.outgoing) refuseWrites(socket, () => refuse('outgoing'));
      if (!isOver) return;
      push(null);
      // As a socket does, so that who only waits for the end hears of it; but not before the application had its turn.
      setImmediate(() => {
        socket.read(0);
      });
    },
  };
}

/** Data that the own side writes fails before any of it is sent; nothing written is nothing refused. */
function refuseWrites(socket: Duplex, refuse: () => void): void {
  type Written = Buffer | string;
  const fail = (isEmpty: boolean, done: (error?: Error | null) => void): void => {
    if (!isEmpty) refuse();
    done(isEmpty ? null : directionNotGrantedError('outgoing'));
  };
  socket._write = (chunk: Written, _encoding, done) => {
    fail(chunk.length === 0, done);
  };
  socket._writev = (chunks: readonly { readonly chunk: Written }[], done) => {
    fail(
      chunks.every(({ chunk }) => chunk.length === 0),
      done,
    );
  };
}

/**
 * Node's HTTP servers and HTTP/2 sessions take the bytes of a native connection past `push` and `_final`: they would read
 * the mark as data. A handle that does not say that it is native is read as any other Duplex.
 */
function refuseNativeConsumers(socket: Duplex): void {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle === 'object' && handle !== null)
    Object.defineProperty(handle, 'isStreamBase', { value: false });
}

function isMark(chunk: unknown, mark: Buffer): boolean {
  return Buffer.isBuffer(chunk) && chunk.length === mark.length && timingSafeEqual(chunk, mark);
}

/** What the user of a connection sees that was lost before its end was marked. */
export function streamCutError(): EkoError {
  return new EkoError(
    'STREAM_CUT',
    'The connection was cut before the other end had said that all is sent; what came may be a part: open the stream again',
  );
}
