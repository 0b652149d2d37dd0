import type { Readable, Writable } from 'node:stream';

/**
 * Moves everything from one stream to another, as fast as the slower one. Unlike a pipeline it ends and destroys
 * nothing: what becomes of either is the caller's, who may still have to say why.
 *
 * @returns at the source's end, when all is written
 * @throws the error of either; an Error where one closes before the source's end
 */
export function pump(source: Readable, target: Writable, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      source.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      target.off('drain', onDrain).off('error', onError).off('close', onClose);
      source.pause();
      act();
    };
    const onData = (chunk: Buffer): void => {
      onChunk(chunk);
      if (!target.write(chunk)) source.pause();
    };
    const onDrain = (): void => {
      source.resume();
    };
    const onEnd = (): void => settle(resolve);
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => settle(() => reject(new Error('closed before the end')));
    if (source.destroyed || target.destroyed) {
      reject(source.errored ?? target.errored ?? new Error('closed before the end'));
      return;
    }
    source.on('end', onEnd).on('error', onError).on('close', onClose);
    target.on('drain', onDrain).on('error', onError).on('close', onClose);
    source.on('data', onData);
  });
}
