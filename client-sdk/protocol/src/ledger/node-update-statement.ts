import type { UpdateNode } from './schemas/nodes';

/**
 * What the present `sign` key of a node signs to have its record replaced: the whole new document, its key epoch and the
 * channel. Whoever has only the node's Fabric identity can change nothing.
 * @see docs/protocol.md, "The ledger is the directory"
 */
export const nodeUpdateStatement = (channel: string, update: Omit<UpdateNode, 'signature'>): object => ({
  channel,
  ...update,
});
