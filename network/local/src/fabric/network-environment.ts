import { EkoError } from '@eko/protocol';
import { openLayout, requirePlan } from './fabric-network';
import { MEMBER, userProfile } from './identity/fabric-users';
import { peerFiles } from './configuration/crypto-paths';
import { ORDERER_DOMAIN, FABRIC_HOST, topologyOf } from './plan/topology';
import { administratorEnvironment } from './programs/peer-command';
import { dirname } from 'node:path';

/**
 * The variables with which others reach a network: Fabric's `peer` command as an organisation's administrator, and
 * gateway applications of the Fabric samples as its member.
 *
 * @throws EkoError `NOT_FOUND` where there is no network or organisation
 */
export async function networkEnvironment(
  directory: string,
  mspId: string,
): Promise<Readonly<Record<string, string>>> {
  const layout = await openLayout(directory);
  const plan = await requirePlan(layout);
  const { organisations, orderers } = topologyOf(plan);
  const peer = organisations.find((each) => each.mspId === mspId)?.peers[0];
  if (peer === undefined) {
    throw new EkoError(
      'NOT_FOUND',
      `No organisation ${mspId.slice(0, 64)}; there are ${organisations.map((each) => each.mspId).join(', ')}`,
    );
  }
  const channel = plan.channels[0] ?? '';
  const profile = userProfile(layout, plan, peer, { name: MEMBER, channel });
  const [orderer] = orderers;
  return {
    ...administratorEnvironment({ layout }, peer),
    FABRIC_LOGGING_SPEC: 'warning',
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_ROOTCERT_FILE: peerFiles(layout.crypto, peer.domain, peer.host).tls.root,
    ORDERER_ADDRESS: `${FABRIC_HOST}:${orderer?.port ?? ''}`,
    ORDERER_CA: `${layout.crypto}/ordererOrganizations/${ORDERER_DOMAIN}/tlsca/tlsca.${ORDERER_DOMAIN}-cert.pem`,
    CHANNEL_NAME: channel,
    CHAINCODE_NAME: plan.chaincode,
    MSP_ID: mspId,
    PEER_ENDPOINT: profile.endpoint,
    PEER_HOST_ALIAS: profile.hostAlias,
    TLS_CERT_PATH: profile.tlsCaPath,
    CERT_DIRECTORY_PATH: dirname(profile.certificatePath),
    KEY_DIRECTORY_PATH: dirname(profile.privateKeyPath),
  };
}
