import { EkoLedger } from '../support/contracts/eko-ledger';
import { register, type TestNetwork } from '../support/contracts/test-network';
import { newTestNode, type TestNode } from '../support/contracts/test-node';
import type { HarnessIdentity } from '@eko/embedded-ledger';

const ORGANISATIONS = ['Org1MSP', 'Org2MSP', 'Org3MSP'] as const;

/** Who takes part in made-up histories: made once, and registered on the ledger of each. */
export interface HistoryCast {
  readonly initiator: TestNode;
  readonly provider: TestNode;
  /** A party that has no part in any stream. */
  readonly stranger: TestNode;
  readonly orchestrators: readonly TestNode[];
  readonly witnesses: readonly TestNode[];
  readonly admins: ReadonlyMap<string, HarnessIdentity>;
}

/** Makes the cast: four orchestrators and five witnesses of three organisations. */
export async function newHistoryCast(): Promise<HistoryCast> {
  const ledger = new EkoLedger();
  const party = (nodeId: string, mspId: string): Promise<TestNode> =>
    newTestNode(ledger, { nodeId, role: 'party', mspId });
  const several = (role: 'orchestrator' | 'witness', count: number): Promise<TestNode[]> =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        newTestNode(ledger, {
          nodeId: `${role}-${n}`,
          role,
          mspId: ORGANISATIONS[n % ORGANISATIONS.length] ?? 'Org1MSP',
          zone: `zone-${n % 2}`,
          tags: ['tested'],
        }),
      ),
    );
  const admins = await Promise.all(
    ORGANISATIONS.map(
      async (mspId) =>
        [mspId, await ledger.identity({ mspId, name: `admin.${mspId}`, ou: 'admin' })] as const,
    ),
  );
  return {
    initiator: await party('initiator', 'Org1MSP'),
    provider: await party('provider', 'Org2MSP'),
    stranger: await party('stranger', 'Org3MSP'),
    orchestrators: await several('orchestrator', 4),
    witnesses: await several('witness', 5),
    admins: new Map(admins),
  };
}

/** A ledger of its own on which everybody of the cast is registered. */
export async function openCastNetwork(cast: HistoryCast): Promise<TestNetwork> {
  const ledger = new EkoLedger(['Org1MSP']);
  const { initiator, provider, stranger, orchestrators, witnesses } = cast;
  for (const node of [initiator, provider, stranger, ...orchestrators, ...witnesses])
    await register(ledger, node);
  return { ledger, initiator, provider, orchestrators, witnesses };
}
