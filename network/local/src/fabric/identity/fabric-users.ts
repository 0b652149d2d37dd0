import { EkoError } from '@eko/protocol';
import { createOrganisation, openIdentity } from '@eko/msp';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { peerFiles, userMsp } from '../configuration/crypto-paths';
import type { FabricLayout } from '../plan/fabric-layout';
import type { FabricPlan } from '../plan/fabric-plan';
import { FABRIC_HOST, topologyOf, type PlannedPeer } from '../plan/topology';

/** Whom to make an identity for, and how it will reach the network. */
export interface FabricUserRequest {
  readonly mspId: string;
  readonly name: string;
  /** One of the network's channels; the first where it is not given. */
  readonly channel?: string;
  /** Which of the organisation's peers serves as the gateway. */
  readonly peer?: number;
  /** Attributes of the certificate, in the form of Fabric CA. One that was issued before keeps its own. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A member without a part in anything, whom cryptogen makes in each organisation. */
export const MEMBER = 'User1';

const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * Issues a user's certificate from its organisation's authority, or finds the one that was issued before, and says how it
 * reaches the network: what `loadFabricProfile` of the SDK takes.
 *
 * @throws EkoError `INVALID_ARGUMENT` for a name, organisation, channel or peer that cannot be; `BAD_STATE` for a network
 *   that has never been up
 */
export async function issueUser(
  layout: FabricLayout,
  plan: FabricPlan,
  request: FabricUserRequest,
): Promise<Required<FabricProfileFiles>> {
  const { mspId, name, channel = plan.channels[0] ?? '', peer: place = 0, attributes = {} } = request;
  const organisation = topologyOf(plan).organisations.find((each) => each.mspId === mspId);
  const peer = organisation?.peers[place];
  if (!USER_NAME.test(name)) throw invalid('a user has a name of letters, digits, dots, dashes', name);
  if (organisation === undefined || peer === undefined)
    throw invalid(`there is no peer ${place} of ${mspId}`, mspId);
  if (!plan.channels.includes(channel))
    throw invalid(`the channels are ${plan.channels.join(', ')}`, channel);
  if (!existsSync(layout.crypto)) {
    throw new EkoError('BAD_STATE', 'The network has no certificates yet: start it once', {
      details: { directory: layout.directory },
    });
  }
  const { domain } = organisation;
  await openIdentity(await createOrganisation({ directory: layout.crypto, mspId, domain }), {
    name,
    attributes,
  });
  return userProfile(layout, plan, peer, { name, channel });
}

/** The profile of a user that exists. */
export function userProfile(
  { crypto }: FabricLayout,
  { chaincode }: FabricPlan,
  { mspId, domain, host, port }: PlannedPeer,
  { name, channel }: { readonly name: string; readonly channel: string },
): Required<FabricProfileFiles> {
  const msp = userMsp(crypto, domain, name);
  return {
    endpoint: `${FABRIC_HOST}:${port}`,
    hostAlias: host,
    mspId,
    channel,
    chaincode,
    tlsCaPath: peerFiles(crypto, domain, host).tls.root,
    certificatePath: join(msp, 'signcerts', `${name}@${domain}-cert.pem`),
    privateKeyPath: join(msp, 'keystore', 'priv_sk'),
  };
}

function invalid(text: string, what: string): EkoError {
  return new EkoError('INVALID_ARGUMENT', `${what.slice(0, 64)}: ${text}`);
}
