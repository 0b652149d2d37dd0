import {
  EndorseError,
  type Proposal,
  type ProposalOptions,
  type Transaction,
} from '@hyperledger/fabric-gateway';
import { randomUUID } from 'node:crypto';
import type { TestClient } from '../support/in-process/gateway-client';

/** One thing that a transaction of the probe does; test/contract/probe-contract.cjs has them all. */
export type Step = readonly [name: string, ...operands: readonly unknown[]];

const RUN = 'probe:Run';

/** A prefix for keys that no other test has. */
export const ownPrefix = (): string => `probe/${randomUUID()}/`;

/** A proposal of a transaction that takes these steps. */
export function propose(
  { contract }: TestClient,
  steps: readonly Step[],
  options: Omit<ProposalOptions, 'arguments'> = {},
): Proposal {
  return contract.newProposal(RUN, { ...options, arguments: [JSON.stringify(steps)] });
}

const UNLIKE = 'ProposalResponsePayloads do not match';
const SAME_HEIGHT_WITHIN_MS = 10_000;

/**
 * Has a transaction endorsed and keeps it. After a commit the organisations' peers may stand at different heights for a
 * moment and read different states: then it is asked for again.
 */
export async function endorse(client: TestClient, ...steps: readonly Step[]): Promise<Transaction> {
  const until = performance.now() + SAME_HEIGHT_WITHIN_MS;
  for (;;) {
    try {
      return await propose(client, steps).endorse();
    } catch (error) {
      const isUnlike =
        error instanceof EndorseError && error.details.some(({ message }) => message === UNLIKE);
      if (!isUnlike || performance.now() > until) throw error;
    }
  }
}

/** What a transaction's steps answered. */
export const answersOf = (result: Uint8Array): readonly unknown[] =>
  JSON.parse(Buffer.from(result).toString()) as readonly unknown[];

/** Sends an endorsed transaction and gives the code that its block has for it. */
export async function commit(transaction: Transaction): Promise<number> {
  return (await (await transaction.submit()).getStatus()).code;
}

/** A transaction that is in a block. */
export interface ProbedTransaction {
  readonly answers: readonly unknown[];
  readonly txId: string;
  readonly blockNumber: bigint;
}

/** Commits a transaction that takes these steps. */
export async function run(client: TestClient, ...steps: readonly Step[]): Promise<ProbedTransaction> {
  const transaction = await endorse(client, ...steps);
  const { code, blockNumber, transactionId: txId } = await (await transaction.submit()).getStatus();
  expect(code).toBe(0);
  return { answers: answersOf(transaction.getResult()), txId, blockNumber };
}

/** Takes the steps on one peer, without a trace on the ledger. */
export async function ask(client: TestClient, ...steps: readonly Step[]): Promise<readonly unknown[]> {
  return answersOf(await propose(client, steps).evaluate());
}
