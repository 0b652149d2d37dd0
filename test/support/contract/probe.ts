import type { Proposal, ProposalOptions, Transaction } from '@hyperledger/fabric-gateway';
import { randomUUID } from 'node:crypto';
import type { TestClient } from '../embedded/gateway-client';

/** One thing that a transaction of the probe does; test/support/contract/probe-contract.cjs has them all. */
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

/** Has a transaction endorsed and keeps it. */
export function endorse(client: TestClient, ...steps: readonly Step[]): Promise<Transaction> {
  return propose(client, steps).endorse();
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
