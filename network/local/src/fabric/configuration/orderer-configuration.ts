import { join } from 'node:path';
import type { FabricLayout } from '../plan/fabric-layout';
import { FABRIC_HOST, ORDERER_MSP, type PlannedOrderer } from '../plan/topology';
import { ordererFiles } from './crypto-paths';
import type { YamlMapping } from './render-yaml';

/** The software key store: keys are files of the MSP folder. */
export const SOFTWARE_KEYS: YamlMapping = { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } };

/** The content of an orderer's `orderer.yaml`. */
export function ordererConfiguration(layout: FabricLayout, orderer: PlannedOrderer): YamlMapping {
  const { msp, tls } = ordererFiles(layout.crypto, orderer.host);
  const data = layout.data(orderer.name);
  const serverTls = { Enabled: true, PrivateKey: tls.key, Certificate: tls.certificate };
  return {
    General: {
      ListenAddress: FABRIC_HOST,
      ListenPort: orderer.port,
      TLS: { ...serverTls, RootCAs: [tls.root] },
      Keepalive: { ServerMinInterval: '60s', ServerInterval: '7200s', ServerTimeout: '20s' },
      // There is no system channel: channels are joined through the participation interface.
      BootstrapMethod: 'none',
      LocalMSPDir: msp,
      LocalMSPID: ORDERER_MSP,
      BCCSP: SOFTWARE_KEYS,
      Authentication: { TimeWindow: '15m' },
      // Of the cluster's connections the certificates are those of the server.
      // A transaction that was passed on to a leader that has just gone waits this long, and with it whoever sent it.
      Cluster: { SendBufferSize: 100, RootCAs: [tls.root], DialTimeout: '2s', RPCTimeout: '2s' },
    },
    FileLedger: { Location: data },
    Consensus: { WALDir: join(data, 'wal'), SnapDir: join(data, 'snapshot') },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Admin: {
      ListenAddress: `${FABRIC_HOST}:${orderer.adminPort}`,
      TLS: { ...serverTls, RootCAs: [tls.root], ClientAuthRequired: true, ClientRootCAs: [tls.root] },
    },
    Operations: { ListenAddress: `${FABRIC_HOST}:${orderer.operationsPort}`, TLS: { Enabled: false } },
    Metrics: { Provider: 'prometheus' },
  };
}
