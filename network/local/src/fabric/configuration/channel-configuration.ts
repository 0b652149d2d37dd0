import type { FabricPlan } from '../plan/fabric-plan';
import { FABRIC_HOST, ORDERER_MSP, type PlannedOrderer, type Topology } from '../plan/topology';
import { ordererFiles, ordererMsp, peerOrganisationMsp } from './crypto-paths';
import type { YamlMapping } from './render-yaml';

/** The profile's name in `configtx.yaml`. */
export const CHANNEL_PROFILE = 'Channel';

const meta = (rule: string): YamlMapping => ({ Type: 'ImplicitMeta', Rule: rule });
const signature = (rule: string): YamlMapping => ({ Type: 'Signature', Rule: rule });

const GROUP_POLICIES = {
  Readers: meta('ANY Readers'),
  Writers: meta('ANY Writers'),
  Admins: meta('MAJORITY Admins'),
};

const organisationPolicies = (mspId: string): YamlMapping => ({
  Readers: signature(`OR('${mspId}.member')`),
  Writers: signature(`OR('${mspId}.member')`),
  Admins: signature(`OR('${mspId}.admin')`),
  Endorsement: signature(`OR('${mspId}.peer')`),
});

/**
 * What configtxgen makes a channel's first block of.
 *
 * @see https://hyperledger-fabric.readthedocs.io/en/latest/create_channel/create_channel_config.html
 */
export function channelConfiguration(plan: FabricPlan, topology: Topology, crypto: string): YamlMapping {
  const { orderers, organisations } = topology;
  const isBft = plan.consensus === 'bft';
  return {
    Profiles: {
      [CHANNEL_PROFILE]: {
        Policies: GROUP_POLICIES,
        Capabilities: isBft ? { V3_0: true } : { V2_0: true },
        Orderer: {
          BatchTimeout: `${plan.blockTimeoutMs}ms`,
          BatchSize: {
            MaxMessageCount: plan.maxMessageCount,
            AbsoluteMaxBytes: '10 MB',
            PreferredMaxBytes: '2 MB',
          },
          ...(isBft ? bft(plan, orderers, crypto) : raft(orderers, crypto)),
          Organizations: [
            {
              Name: ORDERER_MSP,
              ID: ORDERER_MSP,
              MSPDir: ordererMsp(crypto),
              Policies: organisationPolicies(ORDERER_MSP),
              OrdererEndpoints: orderers.map(({ port }) => `${FABRIC_HOST}:${port}`),
            },
          ],
          Policies: { ...GROUP_POLICIES, BlockValidation: meta('ANY Writers') },
          Capabilities: { V2_0: true },
        },
        Application: {
          Organizations: organisations.map(({ mspId, domain, peers }) => ({
            Name: mspId,
            ID: mspId,
            MSPDir: peerOrganisationMsp(crypto, domain),
            Policies: organisationPolicies(mspId),
            AnchorPeers: peers.map(({ port }) => ({ Host: FABRIC_HOST, Port: port })),
          })),
          Policies: {
            ...GROUP_POLICIES,
            LifecycleEndorsement: meta('MAJORITY Endorsement'),
            Endorsement: meta('MAJORITY Endorsement'),
          },
          Capabilities: { V2_5: true },
        },
      },
    },
  };
}

function raft(orderers: readonly PlannedOrderer[], crypto: string): YamlMapping {
  return {
    OrdererType: 'etcdraft',
    EtcdRaft: {
      Consenters: orderers.map((orderer) => consenter(orderer, crypto)),
      Options: {
        // A leader that is gone is noticed after ten of these. Fabric's own 5 s are for networks; much less than 2 s would
        // change leaders where the machine is merely busy.
        TickInterval: '200ms',
        ElectionTick: 10,
        HeartbeatTick: 1,
        MaxInflightBlocks: 5,
        SnapshotIntervalSize: '16 MB',
      },
    },
  };
}

function bft(plan: FabricPlan, orderers: readonly PlannedOrderer[], crypto: string): YamlMapping {
  return {
    OrdererType: 'BFT',
    // SmartBFT closes blocks by its own interval and does not look at BatchTimeout.
    SmartBFT: {
      RequestBatchMaxInterval: `${plan.blockTimeoutMs}ms`,
      RequestForwardTimeout: '2s',
      RequestComplainTimeout: '10s',
      RequestAutoRemoveTimeout: '3m',
      ViewChangeResendInterval: '2s',
      ViewChangeTimeout: '10s',
      LeaderHeartbeatTimeout: '5s',
      LeaderHeartbeatCount: 10,
      CollectTimeout: '1s',
      IncomingMessageBufferSize: 200,
      RequestPoolSize: 10_000,
    },
    ConsenterMapping: orderers.map((orderer, place) => ({
      ID: place + 1,
      MSPID: ORDERER_MSP,
      Identity: ordererFiles(crypto, orderer.host).certificate,
      ...consenter(orderer, crypto),
    })),
  };
}

function consenter({ host, port }: PlannedOrderer, crypto: string): YamlMapping {
  const { certificate } = ordererFiles(crypto, host).tls;
  return { Host: FABRIC_HOST, Port: port, ClientTLSCert: certificate, ServerTLSCert: certificate };
}
