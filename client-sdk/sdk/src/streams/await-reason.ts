import type { Duplex } from 'node:stream';
import { isNativeError } from 'node:util/types';
import { isEkoError } from '@eko/protocol';
import { streamCutError } from './end-mark';

/** Answers what the user of a connection is told in place of `loss`. Must not reject. */
export type AskReason = (loss: Error) => Promise<Error>;

type Done = (error?: Error | null) => void;

/**
 * Lets a connection that was lost keep still until it is known why. Where the other end sees the end of a stream first,
 * its cut is here before the own ledger's word, and would be told as a fault of the network. So a loss, wherever it
 * shows (reading, writing, ending), destroys the connection with what `ask` answers, which is asked once. What the own
 * side decides, be it an end of the stream or an application that destroys its connection, waits for nothing.
 *
 * A write that was under way when the connection was destroyed is told as failed. Node calls it done.
 *
 * It hooks into the methods by which a Node stream is implemented, as `requireEndMark` does, and is called behind it.
 */
export function awaitReason(socket: Duplex, ask: AskReason): void {
  const destroy = socket.destroy.bind(socket);
  let asked: Promise<Error> | undefined;
  const reasonOf = (loss: Error): Promise<Error> => {
    asked ??= ask(loss).then((reason) => {
      destroy(reason);
      return socket.errored ?? reason;
    });
    return asked;
  };
  const told = (done: Done): Done => {
    return (error) => {
      if (socket.destroyed) done(socket.errored ?? error ?? streamCutError());
      else if (error === undefined || error === null) done();
      else if (isEkoError(error) && !isLoss(error)) done(error);
      else void reasonOf(error).then(done);
    };
  };
  socket.destroy = (error) => {
    if (error === undefined || socket.destroyed || !isLoss(error)) return destroy(error);
    void reasonOf(error);
    return socket;
  };
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) => {
    write(chunk, encoding, told(done));
  };
  const writev = socket._writev?.bind(socket);
  if (writev !== undefined) {
    socket._writev = (chunks, done) => {
      writev(chunks, told(done));
    };
  }
  const finish = socket._final.bind(socket);
  socket._final = (done) => {
    finish(told(done));
  };
}

/** What the network says of a connection that is gone when it is read from. */
const LOST = new Set(['ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN']);

/** What the network or the other end did. Every other error is somebody's decision at this end. */
function isLoss(error: Error): boolean {
  if (isEkoError(error)) return error.code === 'STREAM_CUT';
  const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
  return LOST.has(code) || code.startsWith('ERR_SSL_');
}
