import type { FabricPlan } from './fabric-plan';

/** Everything listens here and nowhere else. */
export const FABRIC_HOST = '127.0.0.1';

/** The MSP of the ordering service. */
export const ORDERER_MSP = 'OrdererMSP';

/** The domain of the ordering service. */
export const ORDERER_DOMAIN = 'example.com';

/** One orderer and its ports. */
export interface PlannedOrderer {
  /** `orderer1` */
  readonly name: string;
  /** The name in its certificates. */
  readonly host: string;
  readonly port: number;
  /** Channel participation, for `osnadmin`. */
  readonly adminPort: number;
  /** Health and metrics. */
  readonly operationsPort: number;
}

/** One peer, its chaincode process, and their ports. */
export interface PlannedPeer {
  /** `peer0.org1` */
  readonly name: string;
  /** The name in its certificates. */
  readonly host: string;
  readonly mspId: string;
  readonly domain: string;
  readonly port: number;
  /** Where the peer would take chaincode that it started itself; there is none, but the peer listens. */
  readonly chaincodeListenPort: number;
  readonly operationsPort: number;
  /** Where chaincode processes listen: one port for odd releases and one for even ones, so that the
   * next one runs before the present one is stopped. */
  readonly chaincodePorts: { readonly odd: number; readonly even: number };
}

/** One peer organisation. */
export interface PlannedOrganisation {
  readonly mspId: string;
  readonly domain: string;
  readonly peers: readonly PlannedPeer[];
}

/** All processes of a network with their names and ports. */
export interface Topology {
  readonly orderers: readonly PlannedOrderer[];
  readonly organisations: readonly PlannedOrganisation[];
  readonly peers: readonly PlannedPeer[];
}

const ORDERERS = { raft: 3, bft: 4 } as const;
const PORTS_PER_PROCESS = 10;
const PORTS_PER_ORGANISATION = 100;

/** Lays a plan out: orderer n has the ports from base + 10 n on, peer p of organisation o those from base + 100 o + 10 p on. */
export function topologyOf({
  basePort,
  consensus,
  organisations,
  peersPerOrganisation,
}: FabricPlan): Topology {
  const laidOut = range(organisations).map((place): PlannedOrganisation => {
    const number = place + 1;
    const mspId = `Org${number}MSP`;
    const domain = `org${number}.example.com`;
    const peers = range(peersPerOrganisation).map((peer): PlannedPeer => {
      const first = basePort + PORTS_PER_ORGANISATION * number + PORTS_PER_PROCESS * peer;
      return {
        name: `peer${peer}.org${number}`,
        host: `peer${peer}.${domain}`,
        mspId,
        domain,
        port: first,
        chaincodeListenPort: first + 1,
        operationsPort: first + 2,
        chaincodePorts: { odd: first + 3, even: first + 4 },
      };
    });
    return { mspId, domain, peers };
  });
  return {
    orderers: range(ORDERERS[consensus]).map((place) => {
      const first = basePort + PORTS_PER_PROCESS * (place + 1);
      const name = `orderer${place + 1}`;
      return {
        name,
        host: `${name}.${ORDERER_DOMAIN}`,
        port: first,
        adminPort: first + 1,
        operationsPort: first + 2,
      };
    }),
    organisations: laidOut,
    peers: laidOut.flatMap(({ peers }) => peers),
  };
}

/** Every port of a network. */
export function portsOf({ orderers, peers }: Topology): readonly number[] {
  return [
    ...orderers.flatMap(({ port, adminPort, operationsPort }) => [port, adminPort, operationsPort]),
    ...peers.flatMap(({ port, chaincodeListenPort, operationsPort, chaincodePorts: { odd, even } }) => [
      ...[port, chaincodeListenPort, operationsPort],
      ...[odd, even],
    ]),
  ];
}

/** The port of a peer's chaincode process of a release. */
export function chaincodePortOf({ chaincodePorts }: PlannedPeer, release: number): number {
  return release % 2 === 1 ? chaincodePorts.odd : chaincodePorts.even;
}

/** The name of a peer's chaincode process. */
export const chaincodeName = (peer: PlannedPeer): string => `chaincode.${peer.name}`;

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, place) => place);
