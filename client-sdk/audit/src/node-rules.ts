import { EVENTS, type LedgerEvent, type NodeRecord } from '@eko/protocol/ledger';
import { encodeCanonicalJson } from '@eko/protocol/encoding';

/**
 * Why a node's record is not what the act makes of the one before: keys and addresses change by the node's own update
 * alone, offers by offers, and its standing as its organisation decides.
 *
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function brokenNode(
  name: LedgerEvent['name'],
  before: NodeRecord | undefined,
  node: NodeRecord,
): string | undefined {
  if (before === undefined) return brokenStart(node);
  switch (name) {
    case EVENTS.nodeUpdated:
      return isSame(node.offers, before.offers) && isNextStatus(before, node)
        ? undefined
        : 'an update changes neither its offers nor takes it out of service';
    case EVENTS.offersChanged:
      return node.role === 'party' && isSame(node, { ...before, offers: node.offers, txId: node.txId })
        ? undefined
        : 'only the offers of a party change with its offers';
    case EVENTS.nodeApproved:
      return waits(before) && isSame(node, approved(before, node.txId))
        ? undefined
        : 'it is approved as something else than it waited as';
    case EVENTS.nodeRejected: {
      const status = before.status === 'pending' ? 'rejected' : before.status;
      return waits(before) && isSame(node, { ...withoutProposal(before), status, txId: node.txId })
        ? undefined
        : 'it is turned away, and something else of it changes';
    }
    case EVENTS.nodeRetired: {
      // Who never took part counts as turned away.
      const status = before.status === 'pending' ? 'rejected' : 'retired';
      return isSame(node, { ...withoutProposal(before), status, txId: node.txId })
        ? undefined
        : 'it is retired, and something else of it changes';
    }
    default:
      return undefined;
  }
}

function brokenStart({ role, status, offers, proposed }: NodeRecord): string | undefined {
  const isStanding = status === 'active' || (status === 'pending' && role !== 'party');
  return isStanding && offers.length === 0 && proposed === undefined
    ? undefined
    : 'it begins with what only comes later';
}

function isNextStatus(before: NodeRecord, { status }: NodeRecord): boolean {
  return status === before.status || (before.status === 'pending' && status === 'active');
}

const waits = ({ status, proposed }: NodeRecord): boolean =>
  status === 'pending' || (status === 'active' && proposed !== undefined);

function approved(before: NodeRecord, txId: string): NodeRecord {
  const present: NodeRecord = { ...withoutProposal(before), status: 'active', txId };
  return before.proposed === undefined ? present : { ...withoutFacts(present), ...before.proposed };
}

function withoutFacts({ zone: _zone, tags: _tags, ...node }: NodeRecord): Omit<NodeRecord, 'zone' | 'tags'> {
  return node;
}

function withoutProposal({ proposed: _proposed, ...node }: NodeRecord): NodeRecord {
  return node;
}

const isSame = (one: unknown, other: unknown): boolean =>
  encodeCanonicalJson(one) === encodeCanonicalJson(other);
