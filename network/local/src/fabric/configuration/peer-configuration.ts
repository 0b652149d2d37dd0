import { join } from 'node:path';
import type { FabricLayout } from '../plan/fabric-layout';
import { FABRIC_HOST, type PlannedPeer } from '../plan/topology';
import type { FabricLine } from '../programs/find-programs';
import { BUILDER_ADDRESSES } from '../chaincode/external-builder';
import { peerFiles } from './crypto-paths';
import { SOFTWARE_KEYS } from './orderer-configuration';
import type { YamlMapping } from './render-yaml';

/**
 * The content of a peer's `core.yaml`; the `peer` command reads the same file.
 *
 * @param neighbour - another peer of the organisation, or the peer itself
 */
export function peerConfiguration(
  layout: FabricLayout,
  line: FabricLine,
  peer: PlannedPeer,
  neighbour: PlannedPeer,
): YamlMapping {
  const { msp, tls } = peerFiles(layout.crypto, peer.domain, peer.host);
  const address = `${FABRIC_HOST}:${peer.port}`;
  return {
    peer: {
      id: peer.host,
      networkId: 'eko',
      listenAddress: address,
      address,
      chaincodeListenAddress: `${FABRIC_HOST}:${peer.chaincodeListenPort}`,
      chaincodeAddress: `${FABRIC_HOST}:${peer.chaincodeListenPort}`,
      localMspId: peer.mspId,
      localMspType: 'bccsp',
      mspConfigPath: msp,
      fileSystemPath: layout.data(peer.name),
      BCCSP: SOFTWARE_KEYS,
      tls: {
        enabled: true,
        clientAuthRequired: false,
        cert: { file: tls.certificate },
        key: { file: tls.key },
        rootcert: { file: tls.root },
      },
      gateway: { enabled: true, endorsementTimeout: '30s', broadcastTimeout: '30s', dialTimeout: '10s' },
      keepalive: {
        interval: '7200s',
        timeout: '20s',
        minInterval: '60s',
        client: { interval: '60s', timeout: '20s' },
        deliveryClient: { interval: '60s', timeout: '20s' },
      },
      gossip: {
        bootstrap: `${FABRIC_HOST}:${neighbour.port}`,
        endpoint: address,
        externalEndpoint: address,
        // Every peer takes its blocks from the orderers, as Fabric 3 does by itself.
        useLeaderElection: false,
        orgLeader: true,
        state: { enabled: false },
        // Fabric's own values; without them, peers warn at every start.
        pvtData: {
          reconcileSleepInterval: '1m',
          reconcileBatchSize: 10,
          transientstoreMaxBlockRetention: 20_000,
          pullRetryThreshold: '60s',
          pushAckTimeout: '3s',
        },
        // Peers learn of each other's chaincode this way, and only then can a gateway plan an endorsement.
        requestStateInfoInterval: '1s',
        publishStateInfoInterval: '1s',
        // A peer that came back is found again within seconds.
        aliveTimeInterval: '2s',
        aliveExpirationTimeout: '10s',
        reconnectInterval: '3s',
      },
      deliveryclient: {
        blockGossipEnabled: false,
        // After a pause of the ordering service, deliveries start again within seconds.
        reConnectBackoffThreshold: '5s',
        reconnectTotalTimeThreshold: '3600s',
        connTimeout: '3s',
      },
      discovery: { enabled: true, authCacheEnabled: true, orgMembersAllowedAccess: false },
      authentication: { timewindow: '15m' },
      handlers: {
        authFilters: [
          { name: 'DefaultAuth' },
          { name: 'ExpirationCheck' },
          ...(line.hasTimeWindowCheck ? [{ name: 'TimeWindowCheck' }] : []),
        ],
        decorators: [{ name: 'DefaultDecorator' }],
        endorsers: { escc: { name: 'DefaultEndorsement' } },
        validators: { vscc: { name: 'DefaultValidation' } },
      },
      // An event subscription holds one of the gateway's places for as long as it lasts.
      limits: { concurrency: { endorserService: 2_500, deliverService: 2_500, gatewayService: 5_000 } },
    },
    vm: { endpoint: '' },
    chaincode: {
      mode: 'net',
      keepalive: 0,
      installTimeout: '60s',
      startuptimeout: '60s',
      executetimeout: '30s',
      externalBuilders: [
        { name: 'eko_ccaas', path: layout.builder, propagateEnvironment: [BUILDER_ADDRESSES] },
      ],
      system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
      logging: { level: 'info', shim: 'warning' },
    },
    ledger: {
      state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
      history: { enableHistoryDatabase: true },
      pvtdataStore: {
        collElgProcMaxDbBatchSize: 5_000,
        collElgProcDbBatchesInterval: 1_000,
        deprioritizedDataReconcilerInterval: '60m',
        purgeInterval: 100,
      },
      snapshots: { rootDir: join(layout.data(peer.name), 'snapshots') },
    },
    operations: { listenAddress: `${FABRIC_HOST}:${peer.operationsPort}`, tls: { enabled: false } },
    metrics: { provider: 'prometheus' },
  };
}
