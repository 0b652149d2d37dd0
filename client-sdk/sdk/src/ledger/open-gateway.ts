import type { Client } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import type { FabricProfile } from './fabric-profile';
import { newGatewayClient } from './gateway-client';
import { newNativeSigner } from './native-signer';

/**
 * Speaks to the gateway as a profile's identity, over a given connection or one of its own. The caller closes both.
 *
 * It has a file of its own because of its type: the declarations of fabric-gateway need those of google-protobuf, which
 * no package brings along, so nothing that an application imports may lead here.
 *
 * @throws EkoError `INVALID_CONFIG` for a key that cannot sign
 */
export function openGateway(
  profile: FabricProfile,
  given?: Client,
): { readonly gateway: Gateway; readonly client: Client } {
  const { mspId, certificatePem, privateKeyPem } = profile;
  const signer = newNativeSigner(privateKeyPem);
  const client = given ?? newGatewayClient(profile);
  const identity = { mspId, credentials: Buffer.from(certificatePem) };
  return { client, gateway: connect({ client, identity, signer, hash: hash.none }) };
}
