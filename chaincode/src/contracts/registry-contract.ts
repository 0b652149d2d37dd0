import { Info } from 'fabric-contract-api';
import { heartbeat } from '../domain/heartbeat';
import { approveNode, rejectNode } from '../domain/node-approval';
import { registerNode, retireNode, updateNode } from '../domain/node-registry';
import { publishOffer, withdrawOffer } from '../domain/offers';
import { listNodes, readNodeRecord, readRosterOf } from '../domain/read-nodes';
import type { PeerClock } from '../ledger/clock-guard';
import { readTlsCertificate } from '../ledger/tls-certificate';
import { EkoContract, defineTransactions } from './eko-contract';

/** Who takes part: nodes, their keys, their offers. @see docs/protocol.md, "The ledger is the directory" */
@Info({ title: 'registry', description: 'Nodes, their public keys and their standing offers' })
export class RegistryContract extends EkoContract {
  constructor(clock?: PeerClock) {
    super('registry', clock);
  }
}

defineTransactions(RegistryContract, 'registry', {
  submit: {
    registerNode: (registration, work) => registerNode(registration, work, readTlsCertificate),
    updateNode: (update, work) => updateNode(update, work, readTlsCertificate),
    approveNode,
    rejectNode,
    retireNode,
    publishOffer,
    withdrawOffer,
    heartbeat,
  },
  evaluate: { readNode: readNodeRecord, listNodes, readRoster: readRosterOf },
});
