import { chaincodeMain } from './chaincode/chaincode-program';
import { chaincodeTlsFiles } from './chaincode/chaincode-tls';
import { BUILDER_ADDRESSES } from './chaincode/external-builder';
import type { NetworkContext } from './network-context';
import {
  FABRIC_HOST,
  chaincodeName,
  chaincodePortOf,
  type PlannedOrderer,
  type PlannedPeer,
} from './plan/topology';
import type { ProcessPlan } from '../processes/start-process';

/** Beside what goes wrong, both say nothing that a development network needs. */
const LOGGING = 'warning';

/** Where an orderer or a peer says whether it is well, on its operations port. */
export const HEALTH = '/healthz';

/** How an orderer is started. */
export function ordererProcess({ layout, programs }: NetworkContext, orderer: PlannedOrderer): ProcessPlan {
  const { name, port, adminPort, operationsPort } = orderer;
  return {
    label: name,
    program: programs.paths.orderer,
    args: ['start'],
    env: { FABRIC_CFG_PATH: layout.configuration(name), FABRIC_LOGGING_SPEC: LOGGING },
    workingDirectory: layout.data(name),
    logFile: layout.log(name),
    // Its health is well before it listens.
    ready: [
      { kind: 'answers', port: operationsPort, path: HEALTH },
      { kind: 'listens', port: adminPort },
      { kind: 'listens', port },
    ],
  };
}

/** How a peer is started. */
export function peerProcess({ layout, programs }: NetworkContext, peer: PlannedPeer): ProcessPlan {
  const { name, port, operationsPort, chaincodePorts } = peer;
  return {
    label: name,
    program: programs.paths.peer,
    args: ['node', 'start'],
    env: {
      FABRIC_CFG_PATH: layout.configuration(name),
      FABRIC_LOGGING_SPEC: LOGGING,
      [BUILDER_ADDRESSES]: JSON.stringify({
        odd: `${FABRIC_HOST}:${chaincodePorts.odd}`,
        even: `${FABRIC_HOST}:${chaincodePorts.even}`,
      }),
    },
    workingDirectory: layout.data(name),
    logFile: layout.log(name),
    ready: [
      { kind: 'answers', port: operationsPort, path: HEALTH },
      { kind: 'listens', port },
    ],
  };
}

/** The label of a peer's chaincode process of a release. */
export const chaincodeLabel = (peer: PlannedPeer, release: number): string =>
  `${chaincodeName(peer)}.r${release}`;

/** How a peer's chaincode process is started. */
export function chaincodeProcess(
  { layout }: NetworkContext,
  peer: PlannedPeer,
  release: number,
  packageId: string,
): ProcessPlan {
  const tls = chaincodeTlsFiles(layout, chaincodeName(peer));
  const port = chaincodePortOf(peer, release);
  return {
    label: chaincodeLabel(peer, release),
    program: process.execPath,
    args: [chaincodeMain(layout, release)],
    // The variables of the chaincode services of Fabric's samples.
    env: {
      CHAINCODE_SERVER_ADDRESS: `${FABRIC_HOST}:${port}`,
      CHAINCODE_ID: packageId,
      CHAINCODE_TLS_DISABLED: 'false',
      CHAINCODE_TLS_KEY: tls.key,
      CHAINCODE_TLS_CERT: tls.certificate,
      CHAINCODE_CLIENT_CA_CERT: tls.root,
      CORE_CHAINCODE_LOGGING_LEVEL: 'error',
    },
    workingDirectory: layout.chaincodeRelease(release),
    logFile: layout.log(chaincodeName(peer)),
    ready: [{ kind: 'listens', port }],
  };
}
