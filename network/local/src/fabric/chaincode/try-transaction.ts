import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import type { FabricProfile } from '@eko/sdk';
import { newNativeSigner } from '@eko/sdk/node';

/** Every contract has it, and it writes nothing. */
const METADATA = 'org.hyperledger.fabric:GetMetadata';
const ATTEMPT_MS = 10_000;

/**
 * Runs the transaction that everybody tries a chaincode with, once, and never submits it.
 *
 * @param how - `evaluate` asks the gateway's own peer, `endorse` as many organisations as the policy wants
 * @returns what went wrong, or `undefined`
 */
export async function tryTransaction(
  profile: FabricProfile,
  how: 'evaluate' | 'endorse',
): Promise<string | undefined> {
  const { endpoint, hostAlias, tlsCaPem, mspId, certificatePem, privateKeyPem } = profile;
  const client = new Client(endpoint, credentials.createSsl(Buffer.from(tlsCaPem)), {
    ...(hostAlias === undefined ? {} : { 'grpc.ssl_target_name_override': hostAlias }),
  });
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(certificatePem) },
    signer: newNativeSigner(privateKeyPem),
    hash: hash.none,
  });
  try {
    const contract = gateway.getNetwork(profile.channel).getContract(profile.chaincode);
    const limits = { deadline: Date.now() + ATTEMPT_MS };
    const proposal = contract.newProposal(METADATA);
    await (how === 'endorse' ? proposal.endorse(limits) : proposal.evaluate(limits));
    return undefined;
  } catch (error) {
    return textOf(error);
  } finally {
    gateway.close();
    client.close();
  }
}

/** A gateway's error, and what the peers said that it asked. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  const details: unknown = 'details' in error ? error.details : undefined;
  const said = Array.isArray(details)
    ? details.map((each: unknown) =>
        typeof each === 'object' && each !== null && 'message' in each ? String(each.message) : '',
      )
    : [];
  return [error.message, ...said].join('; ').slice(0, 500);
}
