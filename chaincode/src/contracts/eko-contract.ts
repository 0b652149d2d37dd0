import { EkoError, isEkoError, LIMITS } from '@eko/protocol';
import { encodeCanonicalJson, parseCanonicalJson, parseWith, utf8Encode } from '@eko/protocol/encoding';
import {
  TRANSACTION_ROWS,
  type TransactionArgument,
  type TransactionResult,
  type TransactionRow,
} from '@eko/protocol/ledger';
import { identityOf } from '@eko/protocol/node';
import { type Context, Contract, Param, Returns, Transaction } from 'fabric-contract-api';
import type { Call, QueryLedger, Work } from '../domain/ledger-port';
import type { Outcome, OutcomeOf } from '../domain/outcome';
import { peerClock, type PeerClock, refuseClockSkew } from '../ledger/clock-guard';
import { stubLedger, stubQueryLedger } from '../ledger/stub-ledger';
import { loadVerifiers } from './load-verifiers';

/** A contract whose transactions `defineTransactions` has made of their rows. */
export class EkoContract extends Contract {
  readonly clock: PeerClock;

  constructor(name: string, clock: PeerClock = peerClock) {
    super(name);
    this.clock = clock;
  }
}

type Rows = typeof TRANSACTION_ROWS;

/** The rows of a contract that are submitted, or evaluated. */
type KeysOf<Name extends string, Kind extends TransactionRow['kind']> = {
  [Key in keyof Rows]: Rows[Key] extends { readonly name: `${Name}:${string}`; readonly kind: Kind }
    ? Key
    : never;
}[keyof Rows];

/** The function that each transaction of a contract runs: one too few or too many does not compile. */
interface Runs<Name extends string> {
  readonly submit: {
    readonly [Key in KeysOf<Name, 'submit'>]: (
      argument: TransactionArgument<Rows[Key]['name']>,
      work: Work,
    ) => Promise<OutcomeOf<Key>>;
  };
  /** May read ranges, and leaves nothing. */
  readonly evaluate: {
    readonly [Key in KeysOf<Name, 'evaluate'>]: (
      argument: TransactionArgument<Rows[Key]['name']>,
      work: Work<QueryLedger>,
    ) => Promise<TransactionResult<Rows[Key]['name']>>;
  };
}

/** The same of any contract: a method, whose argument the compiler leaves to the row. */
interface AnyRuns {
  readonly submit: Readonly<Record<string, { run(argument: unknown, work: Work): Promise<Outcome> }['run']>>;
  readonly evaluate: Readonly<
    Record<string, { run(argument: unknown, work: Work<QueryLedger>): Promise<object> }['run']>
  >;
}

/**
 * Gives a contract its transactions, as methods that Fabric finds with their metadata. Each decodes its one argument as
 * its row says, finds out who submitted it and when, runs its function, sets the one event and answers canonical JSON.
 * What refuses or fails is an error whose message is `CODE: text`; Fabric keeps nothing else of an error.
 *
 * @param name - the contract's, with which the names of its transactions begin
 */
export function defineTransactions<Name extends string>(
  contract: { readonly prototype: EkoContract },
  name: Name,
  runs: Runs<Name>,
): void;
export function defineTransactions(
  { prototype }: { readonly prototype: EkoContract },
  name: string,
  { submit, evaluate }: AnyRuns,
): void {
  for (const [key, row] of Object.entries<TransactionRow>(TRANSACTION_ROWS)) {
    const submitted = submit[key];
    const evaluated = evaluate[key];
    const method = row.name.slice(name.length + 1);
    if (submitted !== undefined)
      define(prototype, method, true, async ({ clock, ctx, argument }) => {
        const decoded = decodeArgument(row, argument);
        const call = callOf(ctx);
        refuseClockSkew(call.nowUnixMs, clock, row.clockSkew);
        const verify = await loadVerifiers();
        const { result, event } = await submitted(decoded, { call, ledger: stubLedger(ctx.stub), verify });
        if (event !== undefined)
          ctx.stub.setEvent(event.name, utf8Encode(encodeCanonicalJson(event.payload)));
        return result;
      });
    else if (evaluated !== undefined)
      define(prototype, method, false, async ({ ctx, argument }) => {
        const decoded = decodeArgument(row, argument);
        const call = callOf(ctx);
        return evaluated(decoded, { call, ledger: stubQueryLedger(ctx.stub), verify: await loadVerifiers() });
      });
  }
}

interface Invocation {
  readonly clock: PeerClock;
  readonly ctx: Context;
  readonly argument: string;
}

function define(
  prototype: EkoContract,
  method: string,
  isSubmitted: boolean,
  answer: (invocation: Invocation) => Promise<object>,
): void {
  Object.defineProperty(prototype, method, {
    value(this: EkoContract, ctx: Context, argument: string): Promise<string> {
      return refusingInOurForm(() => answer({ clock: this.clock, ctx, argument }));
    },
  });
  // What `@Returns` and `@Transaction` write on a method. Types of parameters they take from the compiler, which sees none here.
  Returns('string')(prototype, method);
  Transaction(isSubmitted)(prototype, method);
  Param('argument', 'string')(prototype, method);
}

function decodeArgument({ name, argument: schema }: TransactionRow, argument: string): unknown {
  const limits = { maxBytes: LIMITS.argumentBytes, maxDepth: LIMITS.jsonDepth };
  return parseWith(schema, parseCanonicalJson(argument, limits), name.slice(name.indexOf(':') + 1));
}

function callOf({ stub }: Context): Call {
  return {
    txId: stub.getTxID(),
    channel: stub.getChannelID(),
    nowUnixMs: stub.getDateTimestamp().getTime(),
    submitter: identityOf(stub.getCreator()),
  };
}

async function refusingInOurForm(answer: () => Promise<object>): Promise<string> {
  try {
    return encodeCanonicalJson(await answer());
  } catch (error) {
    // The text of a foreign error may hold anything, so it goes nowhere.
    const known = isEkoError(error)
      ? error
      : new EkoError('INTERNAL', 'The transaction met an error of its own');
    throw new Error(`${known.code}: ${known.message}`, { cause: error });
  }
}
