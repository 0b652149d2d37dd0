import type { Offer } from '@eko/protocol';
import type { NodeRole } from '@eko/protocol/ledger';

/** An organisation of the development network. */
export interface PlannedOrganisation {
  readonly mspId: string;
  readonly domain: string;
}

/** A node of the development network, before it has ports. */
export interface PlannedNode {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly mspId: string;
  readonly zone: string;
  /** Whether it serves streams: it then listens for them and publishes the standing offer. */
  readonly isProvider: boolean;
}

/** The channel of the development network. */
export const DEV_CHANNEL = 'eko-dev';

/** The chaincode's name on it. */
export const DEV_CHAINCODE = 'eko';

/** Three organisations, so that a quorum always spans more than one. */
export const DEV_ORGANISATIONS = [
  { mspId: 'Org1MSP', domain: 'org1.example.com' },
  { mspId: 'Org2MSP', domain: 'org2.example.com' },
  { mspId: 'Org3MSP', domain: 'org3.example.com' },
] as const satisfies readonly PlannedOrganisation[];

/** The Fabric user who only reads. */
export const DEV_READER = { name: 'reader', mspId: DEV_ORGANISATIONS[0].mspId } as const;

/** The initiator's node ID. */
export const DEV_INITIATOR = 'initiator';

/** The provider's node ID. */
export const DEV_PROVIDER = 'provider';

const node = (nodeId: string, role: NodeRole, organisation: 1 | 2 | 3): PlannedNode => ({
  nodeId,
  role,
  mspId: `Org${organisation}MSP`,
  zone: `zone-${organisation}`,
  isProvider: nodeId === DEV_PROVIDER,
});

/** Two orchestrators, five witnesses over the three organisations, and the two parties. */
export const DEV_NODES: readonly PlannedNode[] = [
  node('orchestrator-1', 'orchestrator', 1),
  node('orchestrator-2', 'orchestrator', 2),
  node('witness-1', 'witness', 1),
  node('witness-2', 'witness', 2),
  node('witness-3', 'witness', 3),
  node('witness-4', 'witness', 1),
  node('witness-5', 'witness', 2),
  node(DEV_PROVIDER, 'party', 2),
  node(DEV_INITIATOR, 'party', 1),
];

/** What the provider consents to beforehand. */
export const DEV_OFFER: Offer = {
  offerId: 'standing',
  dataTypes: ['file'],
  permissions: ['read', 'write'],
  maxDurationSeconds: 24 * 3600,
  msps: DEV_ORGANISATIONS.map(({ mspId }) => mspId),
  minQuorum: 2,
  maxWitnesses: 3,
};
