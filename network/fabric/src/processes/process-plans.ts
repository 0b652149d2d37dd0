import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chaincodeTlsFiles } from '../chaincode/chaincode-tls';
import { BUILDER_ADDRESSES } from '../chaincode/external-builder';
import type { NetworkContext } from '../network-context';
import {
  FABRIC_HOST,
  chaincodeName,
  chaincodePortOf,
  type PlannedOrderer,
  type PlannedPeer,
} from '../plan/topology';
import type { ProcessPlan } from './start-process';

/** Beside what goes wrong, both say nothing that a development network needs. */
const LOGGING = 'warning';

/** How an orderer is started. */
export function ordererProcess({ layout, programs }: NetworkContext, { name }: PlannedOrderer): ProcessPlan {
  return {
    label: name,
    program: programs.paths.orderer,
    args: ['start'],
    env: { FABRIC_CFG_PATH: layout.configuration(name), FABRIC_LOGGING_SPEC: LOGGING },
    workingDirectory: layout.data(name),
    logFile: layout.log(name),
  };
}

/** How a peer is started. */
export function peerProcess({ layout, programs }: NetworkContext, peer: PlannedPeer): ProcessPlan {
  const { name, chaincodePorts } = peer;
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
  const folder = dirname(require.resolve('@eko/chaincode/package.json'));
  const shim = createRequire(join(folder, 'package.json')).resolve('fabric-shim/cli.js');
  return {
    label: chaincodeLabel(peer, release),
    program: process.execPath,
    args: [
      shim,
      'server',
      `--chaincode-address=${FABRIC_HOST}:${chaincodePortOf(peer, release)}`,
      `--chaincode-id=${packageId}`,
      `--chaincode-tls-key-file=${tls.key}`,
      `--chaincode-tls-cert-file=${tls.certificate}`,
      `--chaincode-tls-client-cacert-file=${tls.root}`,
    ],
    env: { CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    workingDirectory: folder,
    logFile: layout.log(chaincodeName(peer)),
  };
}
