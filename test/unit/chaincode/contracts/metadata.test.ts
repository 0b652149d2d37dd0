// The ledger comes first: it silences what the contract API says of every decorator.
import { createContractHarness } from '@eko/embedded-ledger';
import { contracts } from '@eko/chaincode';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNEL } from '../../../support/contracts/eko-ledger';

/** What is compared of Fabric's contract metadata. */
interface Metadata {
  readonly contracts: Readonly<
    Record<
      string,
      { readonly transactions: readonly { readonly name: string; readonly tag?: readonly string[] }[] }
    >
  >;
}

const GOLDEN = join(__dirname, '../../../vectors/chaincode-metadata.json');

describe('the metadata of the contracts', () => {
  let metadata: Metadata;
  beforeAll(async () => {
    const harness = createContractHarness({ contracts, channel: CHANNEL });
    const identity = await harness.identity({ mspId: 'Org1MSP', name: 'reader' });
    const { result } = await harness.as(identity).evaluate('org.hyperledger.fabric:GetMetadata');
    metadata = JSON.parse(result) as Metadata;
  });

  it('is what was reviewed: every change of it is a change of the interface', () => {
    expect(metadata).toEqual(JSON.parse(readFileSync(GOLDEN, 'utf8')));
  });

  it('lists exactly the transactions that the protocol names', () => {
    const listed = Object.entries(metadata.contracts)
      .filter(([contract]) => contract !== 'org.hyperledger.fabric')
      .flatMap(([contract, { transactions }]) => transactions.map(({ name }) => `${contract}:${name}`));
    expect(listed.sort()).toEqual(Object.values(TRANSACTIONS).sort());
  });

  it('marks as queries what only reads, and nothing else', () => {
    for (const { transactions } of Object.values(metadata.contracts))
      for (const { name, tag } of transactions)
        if (tag !== undefined)
          expect([name, tag[0]]).toEqual([name, /^(Read|List)/.test(name) ? 'EVALUATE' : 'SUBMIT']);
  });
});
