import { EkoError, type ErrorCode } from '@eko/protocol';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import type { EnvelopeCourier } from '../../../network/orchestrator/src/service/delivery-lanes';

/** Holders that acknowledge, refuse with a code, or stay silent until the caller goes away. */
export class FakeCourier implements EnvelopeCourier {
  readonly delivered: { readonly holder: string; readonly delivery: EnvelopeDelivery }[] = [];
  readonly attempts: string[] = [];
  readonly #answers = new Map<string, ErrorCode | 'silent'>();
  /** Called before each attempt. */
  onAttempt: (holder: string) => void | Promise<void> = () => undefined;

  /** Says how a holder answers from now on; without a code it acknowledges. */
  answer(holder: string, code?: ErrorCode | 'silent'): this {
    if (code === undefined) this.#answers.delete(holder);
    else this.#answers.set(holder, code);
    return this;
  }

  /** The holders that have acknowledged a dealing. */
  holdersOf(dealingId: string): readonly string[] {
    return this.delivered
      .filter(({ delivery }) => delivery.dealing.dealingId === dealingId)
      .map(({ holder }) => holder);
  }

  async deliver(delivery: EnvelopeDelivery, holder: string, signal: AbortSignal): Promise<void> {
    this.attempts.push(holder);
    await this.onAttempt(holder);
    const answer = this.#answers.get(holder);
    if (answer === 'silent') await aborted(signal);
    if (answer !== undefined && answer !== 'silent')
      throw new EkoError(answer, `${holder} answers ${answer}`);
    this.delivered.push({ holder, delivery });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => {
      reject(new EkoError('CANCELLED', 'The caller went away'));
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
