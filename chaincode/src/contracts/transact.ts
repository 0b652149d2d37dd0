import { EkoError, LIMITS, isEkoError } from '@eko/protocol';
import {
  encodeCanonicalJson,
  parseCanonicalJson,
  parseWith,
  utf8Encode,
  type Static,
  type TSchema,
} from '@eko/protocol/encoding';
import { identityOf } from '@eko/protocol/node';
import type { Context } from 'fabric-contract-api';
import type { Call, QueryLedger, Work } from '../domain/ledger-port';
import type { Outcome } from '../domain/outcome';
import { refuseClockSkew, type ClockSkew, type PeerClock } from '../ledger/clock-guard';
import { stubLedger, stubQueryLedger } from '../ledger/stub-ledger';
import { verifiers as verify } from '../ledger/verifiers';

/** A transaction's name, the schema of its one argument, and how true its time must be. */
export interface Signature<T extends TSchema> {
  readonly name: string;
  readonly argument: T;
  /** How far its time may be from the peer's clock, where that is not what is usual. */
  readonly clockSkew?: ClockSkew;
}

/**
 * Runs a transaction: decodes its canonical JSON argument, finds out who submitted it and when, runs the domain
 * function, sets the one event and answers canonical JSON.
 *
 * @throws Error whose message is `CODE: text`; Fabric keeps nothing else of an error
 */
export function transact<T extends TSchema>(
  ctx: Context,
  clock: PeerClock,
  signature: Signature<T>,
  argument: string,
  run: (argument: Static<T>, work: Work) => Promise<Outcome>,
): Promise<string> {
  return refusingInOurForm(async () => {
    const decoded = decodeArgument(signature, argument);
    const call = callOf(ctx);
    refuseClockSkew(call.nowUnixMs, clock, signature.clockSkew);
    const { result, event } = await run(decoded, { call, ledger: stubLedger(ctx.stub), verify });
    if (event !== undefined) ctx.stub.setEvent(event.name, utf8Encode(encodeCanonicalJson(event.payload)));
    return encodeCanonicalJson(result);
  });
}

/**
 * Runs a query: as a transaction, but it may read ranges and leaves nothing.
 * @throws Error whose message is `CODE: text`
 */
export function answer<T extends TSchema>(
  ctx: Context,
  signature: Signature<T>,
  argument: string,
  run: (argument: Static<T>, work: Work<QueryLedger>) => Promise<object>,
): Promise<string> {
  return refusingInOurForm(async () => {
    const decoded = decodeArgument(signature, argument);
    const work = { call: callOf(ctx), ledger: stubQueryLedger(ctx.stub), verify };
    return encodeCanonicalJson(await run(decoded, work));
  });
}

function decodeArgument<T extends TSchema>(signature: Signature<T>, argument: string): Static<T> {
  const limits = { maxBytes: LIMITS.argumentBytes, maxDepth: LIMITS.jsonDepth };
  return parseWith(signature.argument, parseCanonicalJson(argument, limits), signature.name);
}

function callOf({ stub }: Context): Call {
  return {
    txId: stub.getTxID(),
    channel: stub.getChannelID(),
    nowUnixMs: stub.getDateTimestamp().getTime(),
    submitter: identityOf(stub.getCreator()),
  };
}

async function refusingInOurForm(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    // The text of a foreign error may hold anything, so it goes nowhere.
    const known = isEkoError(error)
      ? error
      : new EkoError('INTERNAL', 'The transaction met an error of its own');
    throw new Error(`${known.code}: ${known.message}`, { cause: error });
  }
}
