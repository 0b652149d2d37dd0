import { TRANSACTIONS, type NodeRole } from '@eko/protocol/ledger';
import { connectGatewayLedger, readFabricProfile } from '@eko/sdk';
import { readNode, registerNode } from '@eko/sdk/node';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile, DevNode } from './network-file';
import { DEV_OFFER } from './network-plan';
import { nodeAttributes } from './node-configuration';

const ROLES: readonly NodeRole[] = ['orchestrator', 'witness', 'party'];

/**
 * Registers every node with its own identity, and the provider's standing offer. Nodes of one role share a roster key
 * on the ledger, so they go one after the other; the roles go side by side.
 *
 * @throws EkoError as `registerNode`
 */
export async function registerNetwork(
  layout: DevLayout,
  { nodes }: DevNetworkFile,
  signal: AbortSignal,
  onRegistered: (nodeId: string) => void,
): Promise<void> {
  await Promise.all(
    ROLES.map(async (role) => {
      for (const node of nodes.filter((each) => each.role === role)) {
        await registerOne(layout, node, signal);
        onRegistered(node.nodeId);
      }
    }),
  );
}

async function registerOne(layout: DevLayout, node: DevNode, signal: AbortSignal): Promise<void> {
  const { nodeId, role } = node;
  const files = layout.node(nodeId);
  const profile = await readFabricProfile(files.profile);
  const ledger = connectGatewayLedger({ profile });
  try {
    await registerNode({
      ledger,
      profile,
      nodeId,
      role,
      keysDirectory: files.keys,
      attributes: nodeAttributes(node),
      signal,
    });
    if (!node.isProvider) return;
    const record = await readNode(ledger, nodeId, signal);
    if (record?.offers.some(({ offerId }) => offerId === DEV_OFFER.offerId) === true) return;
    await ledger.submit(TRANSACTIONS.publishOffer, { nodeId, offer: DEV_OFFER }, { signal });
  } finally {
    ledger.close();
  }
}
