import { EkoError } from '@eko/protocol';
import {
  CERTIFICATE_ATTRIBUTES,
  type NodeRecord,
  type NodeRole,
  type SelectionFacts,
} from '@eko/protocol/ledger';
import type { Call, Submitter } from './ledger-port';

/**
 * Tells whether the submitter's certificate says itself that it is for a node of this role, zone and these tags. Its
 * organisation's authority has then vouched for the node, and no administrator needs to.
 */
export function isVouchedFor({ attributes }: Submitter, role: NodeRole, facts: SelectionFacts): boolean {
  const { zone, tags = [] } = facts;
  const vouchedTags = (attributes.get(CERTIFICATE_ATTRIBUTES.tags) ?? '').split(',');
  return (
    attributes.get(CERTIFICATE_ATTRIBUTES.role) === role &&
    (zone === undefined || attributes.get(CERTIFICATE_ATTRIBUTES.zone) === zone) &&
    tags.every((tag) => vouchedTags.includes(tag))
  );
}

/** Tells whether the submitter administers a node's organisation: a NodeOU of a certificate of the node's own MSP. */
export function isAdministratorOf({ submitter }: Call, { mspId }: Pick<NodeRecord, 'mspId'>): boolean {
  return submitter.role === 'admin' && submitter.mspId === mspId;
}

/**
 * Refuses whoever does not administer a node's organisation.
 * @throws EkoError `FORBIDDEN`
 */
export function requireAdministrator(call: Call, { nodeId, mspId }: NodeRecord): void {
  if (isAdministratorOf(call, { mspId })) return;
  throw new EkoError(
    'FORBIDDEN',
    `Only an administrator (NodeOU admin) of ${mspId} decides about ${nodeId}`,
    {
      details: { nodeId, mspId },
    },
  );
}
