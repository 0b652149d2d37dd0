import { randomUUID } from 'node:crypto';
import { ERROR_CODES, isEkoError, type ErrorCode, type StreamPolicy } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { FAULT_POLICY, type ProcessNetwork } from '../support/processes/process-network';

const REQUEST = { dataType: 'file', permissions: ['read', 'write'] };
/** Fewer witnesses than there are, so that draws differ. */
const POLICY: StreamPolicy = {
  ...FAULT_POLICY,
  witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
};
const EVERY_MS = 1_000;
/** Requests that a fault holds up do not heap up without end. */
const MOST_IN_FLIGHT = 12;
const ACTIVE_DEADLINE_MS = 90_000;

/**
 * What else a fault explains: permits that grew old, and peers that stay at different heights because the orderer that
 * gave the last block to some of them is gone.
 */
const EXPLAINED: readonly ErrorCode[] = ['PERMIT_TOO_OLD', 'NO_PERMIT', 'LEDGER_CONFLICT'];

/** Streams that are requested, used at both ends and revoked at a steady rate, whatever happens meanwhile. */
export class SteadyTraffic {
  /** Failures that a fault does not explain. */
  readonly unexplained: unknown[] = [];
  /** Codes of those that it does. */
  readonly troubles: ErrorCode[] = [];
  readonly #network: ProcessNetwork;
  readonly #stopping = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #launching: Promise<void>;
  #count = 0;
  #acknowledged = 0;

  private constructor(network: ProcessNetwork) {
    this.#network = network;
    this.#launching = this.#launch();
  }

  static start(network: ProcessNetwork): SteadyTraffic {
    return new SteadyTraffic(network);
  }

  /** How many requests were answered. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Requests nothing more, and waits until all that was requested came to its end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#launching;
    await Promise.all(this.#inFlight);
  }

  async #launch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (this.#inFlight.size < MOST_IN_FLIGHT) {
        const one = this.#one(this.#count);
        this.#count += 1;
        this.#inFlight.add(one);
        void one.finally(() => this.#inFlight.delete(one));
      }
      await pause(EVERY_MS, signal);
    }
  }

  /** One stream: of two, one is revoked by its provider; of three, two have their key at both ends before. */
  async #one(place: number): Promise<void> {
    const { initiator, provider } = this.#network;
    const bundleId = randomUUID();
    try {
      const stream = await initiator.client.requestStream(POLICY, REQUEST, { bundleId });
      this.#network.acknowledged(bundleId);
      this.#acknowledged += 1;
      await stream.whenActive({ deadlineMs: ACTIVE_DEADLINE_MS });
      if (place % 3 !== 2 && !(await this.#network.keysAgree(bundleId)))
        this.unexplained.push(new Error(`the keys of ${bundleId} differ`));
      if (place % 2 === 0) await (await provider.stream(bundleId)).revoke();
    } catch (error) {
      if (isEkoError(error) && (isUnavailable(error.code) || EXPLAINED.includes(error.code)))
        this.troubles.push(error.code);
      else this.unexplained.push(error);
    }
  }
}

const isUnavailable = (code: ErrorCode): boolean => ERROR_CODES[code].blame === 'unavailable';
