import fc from 'fast-check';
import { parse } from 'yaml';
import { channelConfiguration } from '../../../../../network/local/src/fabric/configuration/channel-configuration';
import { cryptoConfiguration } from '../../../../../network/local/src/fabric/configuration/crypto-configuration';
import { ordererConfiguration } from '../../../../../network/local/src/fabric/configuration/orderer-configuration';
import { peerConfiguration } from '../../../../../network/local/src/fabric/configuration/peer-configuration';
import {
  renderYaml,
  type YamlMapping,
} from '../../../../../network/local/src/fabric/configuration/render-yaml';
import { FabricLayout } from '../../../../../network/local/src/fabric/plan/fabric-layout';
import { newPlan } from '../../../../../network/local/src/fabric/plan/fabric-plan';
import { topologyOf } from '../../../../../network/local/src/fabric/plan/topology';
import { lineOf } from '../../../../../network/local/src/fabric/programs/find-programs';

const layout = new FabricLayout('/state of "eko": # not a comment');

/** What Fabric reads of a configuration. */
const read = (value: YamlMapping): unknown => parse(renderYaml(value));

describe('a configuration file', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('null', 'Yes', 'no', 'true', 'Admin'));
  const { mapping } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, scalar, tie('list'), tie('mapping')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    mapping: fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  }));

  it('reads back as what it was made of', () => {
    fc.assert(
      fc.property(mapping, (value) => {
        expect(read(value as YamlMapping)).toEqual(value);
      }),
    );
  });
});

describe('the configuration of a channel', () => {
  const channelOf = (choices: Parameters<typeof newPlan>[1]): Record<string, Record<string, unknown>> => {
    const plan = newPlan('3.1.5', choices);
    const { Profiles } = read(channelConfiguration(plan, topologyOf(plan), '/crypto')) as {
      Profiles: Record<string, Record<string, Record<string, unknown>>>;
    };
    return Profiles['Channel']!;
  };

  it('orders with three Raft nodes, by time and count', () => {
    const { Orderer, Capabilities } = channelOf({ blockTimeoutMs: 10, maxMessageCount: 7 });
    expect(Orderer).toMatchObject({
      OrdererType: 'etcdraft',
      BatchTimeout: '10ms',
      BatchSize: { MaxMessageCount: 7 },
      EtcdRaft: { Consenters: [{ Port: 17_060 }, { Port: 17_070 }, { Port: 17_080 }] },
    });
    expect(Capabilities).toEqual({ V2_0: true });
  });

  it('orders with four BFT nodes, which look at an interval of their own', () => {
    const { Orderer, Capabilities } = channelOf({ consensus: 'bft', blockTimeoutMs: 10 });
    expect(Orderer).toMatchObject({
      OrdererType: 'BFT',
      SmartBFT: { RequestBatchMaxInterval: '10ms' },
      ConsenterMapping: [1, 2, 3, 4].map((ID) => ({
        ID,
        MSPID: 'OrdererMSP',
        Port: 17_050 + 10 * ID,
        Identity: `/crypto/ordererOrganizations/example.com/orderers/orderer${ID}.example.com/msp/signcerts/orderer${ID}.example.com-cert.pem`,
      })),
    });
    expect(Capabilities).toEqual({ V3_0: true });
  });

  it('has every organisation with its peers as anchors and a majority to endorse', () => {
    const { Application } = channelOf({ organisations: 3, peersPerOrganisation: 2 });
    expect(Application).toMatchObject({
      Policies: { Endorsement: { Type: 'ImplicitMeta', Rule: 'MAJORITY Endorsement' } },
      Organizations: [1, 2, 3].map((place) => ({
        ID: `Org${place}MSP`,
        Policies: { Endorsement: { Type: 'Signature', Rule: `OR('Org${place}MSP.peer')` } },
        AnchorPeers: [
          { Host: '127.0.0.1', Port: 17_050 + 100 * place },
          { Host: '127.0.0.1', Port: 17_060 + 100 * place },
        ],
      })),
    });
  });
});

describe('the configuration of a node', () => {
  const topology = topologyOf(newPlan('3.1.5', { peersPerOrganisation: 2 }));
  const [peer, neighbour] = topology.peers as [(typeof topology.peers)[0], (typeof topology.peers)[0]];
  const peerOf = (version: string): unknown =>
    read(peerConfiguration(layout, lineOf(version), peer, neighbour));

  it('keeps every server of a peer on this machine, with TLS towards others', () => {
    expect(peerOf('3.1.5')).toMatchObject({
      peer: {
        localMspId: 'Org1MSP',
        listenAddress: '127.0.0.1:17150',
        chaincodeListenAddress: '127.0.0.1:17151',
        tls: { enabled: true },
        gossip: { bootstrap: '127.0.0.1:17160', state: { enabled: false } },
      },
      operations: { listenAddress: '127.0.0.1:17152' },
      vm: { endpoint: '' },
      ledger: { state: { stateDatabase: 'goleveldb' } },
    });
  });

  it('names the check of a proposal’s time only to a peer that has one', () => {
    const filters = (version: string): readonly string[] =>
      (
        peerOf(version) as { peer: { handlers: { authFilters: readonly { name: string }[] } } }
      ).peer.handlers.authFilters.map(({ name }) => name);
    expect(filters('2.5.16')).not.toContain('TimeWindowCheck');
    expect(filters('3.1.5')).toContain('TimeWindowCheck');
  });

  it('keeps every server of an orderer on this machine, and its administration to the administrator', () => {
    expect(read(ordererConfiguration(layout, topology.orderers[0]!))).toMatchObject({
      General: { ListenAddress: '127.0.0.1', ListenPort: 17_060, TLS: { Enabled: true } },
      Admin: { ListenAddress: '127.0.0.1:17061', TLS: { Enabled: true, ClientAuthRequired: true } },
      Operations: { ListenAddress: '127.0.0.1:17062' },
      FileLedger: { Location: layout.data('orderer1') },
    });
  });

  it('gets certificates with a role and the addresses that others use', () => {
    expect(read(cryptoConfiguration(topology))).toMatchObject({
      OrdererOrgs: [{ EnableNodeOUs: true, Specs: [{}, {}, {}] }],
      PeerOrgs: [
        {
          Domain: 'org1.example.com',
          EnableNodeOUs: true,
          Specs: [
            { CommonName: 'peer0.org1.example.com', SANS: ['localhost', '127.0.0.1'] },
            { CommonName: 'peer1.org1.example.com', SANS: ['localhost', '127.0.0.1'] },
          ],
        },
        { Domain: 'org2.example.com' },
        { Domain: 'org3.example.com' },
      ],
    });
  });
});
