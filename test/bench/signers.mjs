import { TRANSACTIONS } from '@eko/protocol/ledger';
import { withSigners } from './fabric-gateway.mjs';
import { spending } from './processor-time.mjs';
import { inFlight } from './stream-setup.mjs';

/**
 * The same writes with the signer of the gateway's client and with the native one, one after the other.
 *
 * @returns writes a second, and processor time of this process a write, for each
 */
export async function signers(lane, { count, most }) {
  const { client } = lane.parties.initiator;
  const { profile } = lane.parties.network.layout.node(client.nodeId);
  return withSigners(profile, async (contracts) => {
    const answer = {};
    for (const [name, contract] of Object.entries(contracts)) {
      const write = () =>
        contract.submitTransaction(TRANSACTIONS.heartbeat, JSON.stringify({ nodeId: client.nodeId }));
      const { ms, spent } = await spending(lane, () => inFlight(count, most, write));
      answer[name] = { perSecond: (count * 1000) / ms, processorMs: spent.party / count };
    }
    return answer;
  });
}
