import { FABRIC_HOST, ORDERER_DOMAIN, type Topology } from '../plan/topology';
import type { YamlMapping } from './render-yaml';

const SANS = ['localhost', FABRIC_HOST];

/** What cryptogen makes: an ordering organisation and the peer organisations, roles by organisational unit. */
export function cryptoConfiguration({ orderers, organisations }: Topology): YamlMapping {
  return {
    OrdererOrgs: [
      {
        Name: 'Orderer',
        Domain: ORDERER_DOMAIN,
        EnableNodeOUs: true,
        Specs: orderers.map(({ name }) => ({ Hostname: name, SANS })),
      },
    ],
    PeerOrgs: organisations.map(({ mspId, domain, peers }) => ({
      Name: mspId,
      Domain: domain,
      EnableNodeOUs: true,
      Specs: peers.map(({ host, name }) => ({
        Hostname: name.split('.')[0] ?? name,
        CommonName: host,
        SANS,
      })),
      // Users with names of their own are issued from the organisation's authority when they are needed.
      Users: { Count: 1 },
    })),
  };
}
