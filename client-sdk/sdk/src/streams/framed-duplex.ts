import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { EkoError, LIMITS, isEkoError } from '@eko/protocol';
import { END_FRAME, END_READ_FRAME, FrameReader, encodeFrameHead } from '@eko/protocol/rest';

type Done = (error?: Error | null) => void;

/**
 * Both directions of a stream on the connection between a program and its party's sidecar, after the upgrade. Each
 * direction ends by a frame of its own; a connection that ends without one breaks this stream with `STREAM_CUT`, and
 * breaking this stream resets the connection. So a bare end of TCP is never an end of the data, on either side.
 */
export class FramedDuplex extends Duplex {
  readonly #connection: Duplex;
  readonly #reader = new FrameReader();

  readonly #hasRead: () => boolean;

  /**
   * @param connection - one that may be half open; what it has read already is in it again
   * @param hasRead - whether everything was read, when this side ends; where the reader is elsewhere, it says so
   */
  constructor(connection: Duplex, hasRead?: () => boolean) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#hasRead = hasRead ?? (() => this.readableEnded);
    const cut = (cause?: unknown): void => {
      if (this.#reader.isEnded && this.writableFinished) return;
      const text = 'The connection was cut before all was said to be sent; what came may be a part';
      this.destroy(isEkoError(cause) ? cause : new EkoError('STREAM_CUT', text, { cause }));
    };
    connection.on('data', (piece: Buffer) => {
      this.#take(piece);
    });
    connection.once('error', cut).once('close', cut);
    connection.once('end', () => {
      if (!this.#reader.isEnded) cut();
    });
    connection.pause();
  }

  /** Whether the other side said, when it ended, that it had read everything that this side sent. */
  get isReadByPeer(): boolean {
    return this.#reader.hasReadAll;
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const parts: Buffer[] = [];
    for (let at = 0; at < chunk.length; at += LIMITS.frameBytes)
      parts.push(chunk.subarray(at, at + LIMITS.frameBytes));
    this.#connection.cork();
    for (const part of parts.slice(0, -1)) this.#writeFrame(part, () => undefined);
    const last = parts.at(-1);
    if (last === undefined) done();
    else this.#writeFrame(last, done);
    this.#connection.uncork();
  }

  override _final(done: Done): void {
    this.#connection.write(this.#hasRead() ? END_READ_FRAME : END_FRAME, done);
  }

  override _destroy(error: Error | null, done: Done): void {
    const connection = this.#connection;
    const isOver = this.#reader.isEnded && this.writableFinished;
    if (isOver) connection.end();
    // TLS has no reset of its own; there the missing frame says it.
    else if (connection instanceof Socket && !(connection instanceof TLSSocket) && !connection.destroyed)
      connection.resetAndDestroy();
    else connection.destroy();
    done(error);
  }

  #writeFrame(bytes: Buffer, done: Done): void {
    this.#connection.write(encodeFrameHead(bytes.length));
    this.#connection.write(bytes, done);
  }

  #take(piece: Buffer): void {
    try {
      let isRoom = true;
      for (const data of this.#reader.take(piece)) isRoom = this.push(data);
      if (this.#reader.isEnded) this.push(null);
      else if (!isRoom) this.#connection.pause();
    } catch (error) {
      this.destroy(error instanceof Error ? error : undefined);
    }
  }
}
