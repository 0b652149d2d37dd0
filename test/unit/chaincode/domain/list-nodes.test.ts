import { LIMITS } from '@eko/protocol';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { type NodeRecord } from '@eko/protocol/ledger';
import type { QueryLedger, Work } from '../../../../chaincode/src/domain/ledger-port';
import { listNodes } from '../../../../chaincode/src/domain/read-nodes';
import { standingOffer } from '../../../support/contracts/test-network';

const LONGEST = 'x'.repeat(LIMITS.textCharacters);
const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, place) => `${place}-${LONGEST}`.slice(0, LIMITS.textCharacters));

/** A party with as many offers, each as long, as a party may have. */
function largestParty(nodeId: string): NodeRecord {
  const dataTypes = texts(LIMITS.dataTypesPerOffer);
  const permissions = texts(LIMITS.permissions).map((text) => `app:${text}`.slice(0, LIMITS.textCharacters));
  const msps = texts(LIMITS.msps);
  const offers = Array.from({ length: LIMITS.offers }, (_, place) =>
    standingOffer({ offerId: `offer-${place}`, dataTypes, permissions, msps }),
  );
  const hash = 'A'.repeat(43);
  return {
    nodeId,
    role: 'party',
    mspId: 'Org1MSP',
    identity: hash,
    status: 'active',
    keyEpoch: 1,
    keys: { tls: 'A'.repeat(2700), kem: { suite: 'x25519', publicKey: hash }, sign: hash },
    offers,
    txId: '0'.repeat(64),
  };
}

jest.setTimeout(60_000);

describe('a page of nodes', () => {
  it('goes into an answer, however much each of them says, and the pages hold all of them', async () => {
    const nodes = Array.from({ length: 30 }, (_, n) => largestParty(`party-${String(n).padStart(3, '0')}`));
    const ledger: Pick<QueryLedger, 'range'> = {
      range: (start, end, limit) => {
        const inRange = nodes.filter(({ nodeId }) => `node/${nodeId}` >= start && `node/${nodeId}` < end);
        return Promise.resolve(inRange.slice(0, limit));
      },
    };
    const work = { ledger } as Work<QueryLedger>;
    const found: string[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = await listNodes(
        { limit: LIMITS.listPage, ...(after === undefined ? {} : { after }) },
        work,
      );
      const sizeBytes = utf8Encode(encodeCanonicalJson(page)).length;
      expect(sizeBytes).toBeLessThan(2 * LIMITS.listBytes);
      found.push(...page.nodes.map(({ nodeId }) => nodeId));
      after = page.next;
    }
    expect(found).toEqual(nodes.map(({ nodeId }) => nodeId));
  });
});
