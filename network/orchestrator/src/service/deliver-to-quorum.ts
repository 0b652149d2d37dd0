import { EkoError, isEkoError, type ErrorCode } from '@eko/protocol';
import { backoffMs, type Pause } from '@eko/sdk/node';
import { isTransient } from '../core/delivery-failure';

/** A dealing on its way to the drawn witnesses. */
export interface QuorumDelivery {
  readonly witnesses: readonly string[];
  /** How many of them must have acknowledged. */
  readonly quorum: number;
  /** One attempt; resolves once the holder has acknowledged. */
  readonly deliver: (holder: string, signal: AbortSignal) => Promise<void>;
  /** Told of each acknowledgement, also of those after the quorum. */
  readonly onAcknowledged: (holder: string) => void;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly pause: Pause;
}

const RETRY = { firstMs: 50, mostMs: 1_000 };

/**
 * Delivers to all drawn witnesses at once and resolves when a quorum of them has acknowledged, and so has stored its shares
 * of every stream: only then may a bundle become active. Deliveries that are under way then go on to their end.
 *
 * @throws EkoError `QUORUM_UNAVAILABLE` naming the silent, as soon as the quorum is out of reach or the time is over;
 *   `CANCELLED`
 * @see docs/protocol.md, "3. Dealing"
 */
export async function deliverToQuorum(delivery: QuorumDelivery): Promise<void> {
  const { witnesses, quorum, deadlineMs, signal } = delivery;
  if (signal.aborted) throw cancelled();
  const acknowledged = new Set<string>();
  const refused = new Map<string, ErrorCode>();
  const ending = new AbortController();
  const settled = { isSettled: false };
  const timer = setTimeout(() => {
    ending.abort();
  }, deadlineMs);
  const cancel = (): void => {
    ending.abort();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const lacking = (): EkoError => quorumUnavailable(witnesses, acknowledged, refused);
      ending.signal.addEventListener('abort', () => {
        reject(signal.aborted ? cancelled() : lacking());
      });
      const settle = (): void => {
        if (acknowledged.size >= quorum) resolve();
        else if (witnesses.length - refused.size < quorum) reject(lacking());
      };
      for (const holder of witnesses) {
        deliverUntilDone(delivery, holder, ending.signal, settled)
          .then((code) => {
            if (code === undefined) {
              acknowledged.add(holder);
              delivery.onAcknowledged(holder);
            } else refused.set(holder, code);
            settle();
          })
          .catch(reject);
      }
    });
  } catch (error) {
    ending.abort();
    throw error;
  } finally {
    settled.isSettled = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

function cancelled(): EkoError {
  return new EkoError('CANCELLED', 'The delivery was cancelled');
}

/** The code of a refusal for good, or `undefined` once acknowledged. */
async function deliverUntilDone(
  { deliver, pause }: QuorumDelivery,
  holder: string,
  signal: AbortSignal,
  settled: { readonly isSettled: boolean },
): Promise<ErrorCode | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await deliver(holder, signal);
      return undefined;
    } catch (error) {
      if (!isEkoError(error)) throw error;
      // A store that is full stays so for longer than a dealing may take.
      if (signal.aborted || !isTransient(error.code) || error.code === 'STORE_FULL') return error.code;
      await pause(backoffMs(attempt, RETRY), signal);
      // Once it is settled nobody waits for this witness any more; the lanes take over what is recorded.
      if (isAborted(signal) || settled.isSettled) return error.code;
    }
  }
}

/** Reads the flag anew: the compiler takes an earlier answer for the present one. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function quorumUnavailable(
  witnesses: readonly string[],
  acknowledged: ReadonlySet<string>,
  refused: ReadonlyMap<string, ErrorCode>,
): EkoError {
  const silent = witnesses.filter((nodeId) => !acknowledged.has(nodeId)).sort();
  return new EkoError(
    'QUORUM_UNAVAILABLE',
    `Too few witnesses have stored their shares; not heard of: ${silent.join(', ')}`,
    { details: { silent, refused: [...refused].map(([nodeId, code]) => `${nodeId}: ${code}`) } },
  );
}
