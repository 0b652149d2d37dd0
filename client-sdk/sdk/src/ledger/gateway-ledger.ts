import { setMaxListeners } from 'node:events';
import type { Client } from '@grpc/grpc-js';
import type { Commit, Contract, Gateway, Network, Status } from '@hyperledger/fabric-gateway';
import { EkoError, isEkoError } from '@eko/protocol';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import {
  type LedgerEvent,
  type TransactionName,
  type TransactionArgument,
  type TransactionResult,
} from '@eko/protocol/ledger';
import { backoffMs, pause, type Pause } from '../pacing/backoff';
import { cancelled, isAborted, withDeadline, type CallLimits } from '../pacing/deadline';
import { encodeCommitStatusRequest } from './commit-status-request';
import type { FabricProfile } from './fabric-profile';
import { gatewayError, invalidTransaction, isSubmitUncertain, type LedgerStage } from './gateway-errors';
import type { Committed, EventOptions, Ledger, PassedEvent, RawLedgerEvent } from './ledger';
import { decodeLedgerJson, parseLedgerEvent, parseTransactionResult } from './ledger-json';
import { openGateway } from './open-gateway';

/** Longest time of each call to the gateway peer, in milliseconds; `wholeMs` bounds a submit with its repetitions. */
export interface LedgerDeadlines {
  /** A read on one peer. */
  readonly evaluateMs: number;
  /** The endorsement of a transaction by the organisations that it needs. */
  readonly endorseMs: number;
  /** Its way to the orderer. */
  readonly submitMs: number;
  /** Waiting for its block. */
  readonly commitStatusMs: number;
  /** A submit as a whole, with its repetitions. */
  readonly wholeMs: number;
}

const DEADLINES: LedgerDeadlines = {
  evaluateMs: 5_000,
  endorseMs: 15_000,
  submitMs: 5_000,
  commitStatusMs: 25_000,
  // Without a quorum of orderers, whoever submits knows so by then.
  wholeMs: 30_000,
};

/** Attempts of one `submit` whose transactions were ordered and found to conflict with others. */
const CONFLICT_ATTEMPTS = 6;
const CONFLICT_BACKOFF = { firstMs: 50, mostMs: 1_000 };
const STATUS_BACKOFF = { firstMs: 100, mostMs: 2_000 };

/** What `connectGatewayLedger` takes. */
export interface GatewayLedgerOptions {
  /** How to reach the channel, and as whom. */
  readonly profile: FabricProfile;
  /** What is to take longer or shorter than by default. */
  readonly deadlines?: Partial<LedgerDeadlines>;
  /** The connection, where it is not the one that the profile describes. The adapter closes it. */
  readonly client?: Client;
  /** How it waits between repetitions; tests make it short. */
  readonly pause?: Pause;
}

/**
 * Connects to a ledger through a Fabric gateway peer: the one production adapter of `Ledger`.
 *
 * It runs the four calls of a transaction itself, each under its own deadline. What was sent for ordering is never sent
 * twice: where an answer is lost, the commit status is asked for by the same transaction ID. Only conflicts are repeated,
 * as new transactions, because a conflict has changed nothing: a few times where it was ordered, and for as long as the
 * caller waits where peers at different heights could not endorse it, because then there was nothing to order.
 *
 * @throws EkoError `INVALID_CONFIG` for a key that cannot sign
 */
export function connectGatewayLedger(options: GatewayLedgerOptions): Ledger {
  return new GatewayLedger(options);
}

/** A submit under way: what its caller must know when the wait ends early. */
interface Attempt {
  /** The transaction of the present attempt, once it was sent for ordering. */
  sentTxId?: string;
  /** Why the last attempt was not endorsed, until the next one is sent. */
  unlike?: EkoError;
}

class GatewayLedger implements Ledger {
  readonly channel: string;
  readonly chaincode: string;
  readonly #profile: FabricProfile;
  readonly #deadlines: LedgerDeadlines;
  readonly #pause: Pause;
  readonly #client: Client;
  readonly #gateway: Gateway;
  readonly #network: Network;
  readonly #contract: Contract;
  readonly #closing = new AbortController();

  constructor(options: GatewayLedgerOptions) {
    const { profile } = options;
    // Every call under way listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.channel = profile.channel;
    this.chaincode = profile.chaincode;
    this.#profile = profile;
    this.#deadlines = { ...DEADLINES, ...options.deadlines };
    this.#pause = options.pause ?? pause;
    ({ client: this.#client, gateway: this.#gateway } = openGateway(profile, options.client));
    this.#network = this.#gateway.getNetwork(profile.channel);
    this.#contract = this.#network.getContract(profile.chaincode);
  }

  async evaluate<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits: CallLimits = {},
  ): Promise<TransactionResult<Name>> {
    const deadlineMs = limits.deadlineMs ?? this.#deadlines.evaluateMs;
    const proposal = this.#contract.newProposal(name, { arguments: [encodeCanonicalJson(argument)] });
    const bytes = await withDeadline(name, { deadlineMs, signal: this.#until(limits.signal) }, () =>
      this.#call('evaluate', () => proposal.evaluate(expiring(deadlineMs))),
    );
    return parseTransactionResult(name, decodeLedgerJson(bytes, `Answer of ${name}`));
  }

  async submit<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits: CallLimits = {},
  ): Promise<Committed<TransactionResult<Name>>> {
    const text = encodeCanonicalJson(argument);
    const deadlineMs = limits.deadlineMs ?? this.#deadlines.wholeMs;
    const attempt: Attempt = {};
    try {
      return await withDeadline(name, { deadlineMs, signal: this.#until(limits.signal) }, (signal) =>
        this.#submitUntilClear(name, text, attempt, signal),
      );
    } catch (error) {
      if (attempt.sentTxId === undefined) {
        // That peers differ is what the caller can act on; that time ran out follows from it.
        throw isEkoError(error, 'DEADLINE_EXCEEDED') ? (attempt.unlike ?? error) : error;
      }
      if (isEkoError(error, 'CANCELLED')) throw cancelled(name, { txId: attempt.sentTxId });
      if (isEkoError(error, 'DEADLINE_EXCEEDED')) throw commitUnknown(attempt.sentTxId, error);
      throw error;
    }
  }

  events(options: EventOptions): AsyncGenerator<LedgerEvent>;
  events(
    options: EventOptions & { readonly isWanted: ((event: RawLedgerEvent) => boolean) | undefined },
  ): AsyncGenerator<LedgerEvent | PassedEvent>;
  async *events(
    options: EventOptions & { readonly isWanted?: ((event: RawLedgerEvent) => boolean) | undefined },
  ): AsyncGenerator<LedgerEvent | PassedEvent> {
    const { after, isWanted = () => true } = options;
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    if (signal.aborted) return;
    const events = await this.#call('events', () =>
      this.#network.getChaincodeEvents(
        this.chaincode,
        after === undefined
          ? { startBlock: 0n }
          : { checkpoint: { getBlockNumber: () => after.blockNumber, getTransactionId: () => after.txId } },
      ),
    );
    const close = () => {
      events.close();
    };
    signal.addEventListener('abort', close, { once: true });
    try {
      if (isAborted(signal)) return;
      for await (const event of events) {
        const position = { blockNumber: event.blockNumber, txId: event.transactionId };
        if (!isWanted({ ...position, name: event.eventName, payload: event.payload })) {
          if (isAborted(signal)) return;
          yield { ...position, name: 'passed' };
          continue;
        }
        const payload = decodeLedgerJson(event.payload, `Event ${event.eventName}`);
        const typed = parseLedgerEvent(position, event.eventName, payload);
        if (isAborted(signal)) return;
        if (typed !== undefined) yield typed;
      }
    } catch (error) {
      if (isAborted(signal)) return;
      throw gatewayError(error, 'events');
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
    if (!isAborted(signal)) throw new EkoError('LEDGER_UNAVAILABLE', 'The peer ended the event subscription');
  }

  close(): void {
    this.#closing.abort();
    this.#gateway.close();
    this.#client.close();
  }

  async #submitUntilClear<Name extends TransactionName>(
    name: Name,
    text: string,
    attempt: Attempt,
    signal: AbortSignal,
  ): Promise<Committed<TransactionResult<Name>>> {
    let ordered = 0;
    for (let count = 1; ; count += 1) {
      try {
        return await this.#submitOnce(name, text, attempt, signal);
      } catch (error) {
        if (!isEkoError(error, 'LEDGER_CONFLICT')) throw error;
        if (attempt.sentTxId === undefined) attempt.unlike = error;
        else if ((ordered += 1) >= CONFLICT_ATTEMPTS) throw error;
        delete attempt.sentTxId;
      }
      await this.#pause(backoffMs(count, CONFLICT_BACKOFF), signal);
      signal.throwIfAborted();
    }
  }

  async #submitOnce<Name extends TransactionName>(
    name: Name,
    text: string,
    attempt: Attempt,
    signal: AbortSignal,
  ): Promise<Committed<TransactionResult<Name>>> {
    const proposal = this.#contract.newProposal(name, { arguments: [text] });
    const txId = proposal.getTransactionId();
    const transaction = await this.#call(
      'endorse',
      () => proposal.endorse(expiring(this.#deadlines.endorseMs)),
      txId,
    );
    signal.throwIfAborted();
    attempt.sentTxId = txId;
    delete attempt.unlike;
    let commit: Commit;
    try {
      commit = await transaction.submit(expiring(this.#deadlines.submitMs));
    } catch (error) {
      if (!isSubmitUncertain(error)) throw gatewayError(error, 'submit', txId);
      commit = this.#commitOf(txId);
    }
    const status = await this.#statusOf(commit, signal);
    if (!status.successful) throw invalidTransaction(status);
    const result = decodeLedgerJson(transaction.getResult(), `Answer of ${name}`);
    return { txId, blockNumber: status.blockNumber, result: parseTransactionResult(name, result) };
  }

  /** Asks for the commit status until it is known or its time is over. */
  async #statusOf(commit: Commit, signal: AbortSignal): Promise<Status> {
    const until = performance.now() + this.#deadlines.commitStatusMs;
    for (let count = 1; ; count += 1) {
      const remainingMs = Math.max(1, until - performance.now());
      try {
        return await commit.getStatus(expiring(remainingMs));
      } catch (error) {
        if (signal.aborted || performance.now() >= until)
          throw commitUnknown(
            commit.getTransactionId(),
            gatewayError(error, 'commit status', commit.getTransactionId()),
          );
      }
      await this.#pause(Math.min(backoffMs(count, STATUS_BACKOFF), remainingMs), signal);
    }
  }

  #commitOf(txId: string): Commit {
    const { channel, mspId, certificatePem } = this.#profile;
    return this.#gateway.newCommit(
      encodeCommitStatusRequest({ txId, channel, mspId, credentials: Buffer.from(certificatePem) }),
    );
  }

  async #call<T>(stage: LedgerStage, call: () => Promise<T>, txId?: string): Promise<T> {
    if (this.#closing.signal.aborted)
      throw new EkoError('LEDGER_UNAVAILABLE', 'The ledger connection was closed');
    try {
      return await call();
    } catch (error) {
      throw gatewayError(error, stage, txId);
    }
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
  }
}

function expiring(milliseconds: number): { deadline: number } {
  return { deadline: Date.now() + milliseconds };
}

function commitUnknown(txId: string, cause: unknown): EkoError {
  return new EkoError(
    'COMMIT_UNKNOWN',
    'The transaction was sent, and whether it commits is not known; look it up before sending it again',
    { details: { txId }, cause },
  );
}
