import { ProtobufMessage } from '@eko/sdk/node';
import { CONFIG_NAMES, groupAt, type ConfigGroup } from './channel-config';
import type { ChannelMember } from './channel-member';
import { parseSignaturePolicy, type ChannelPolicy } from './channel-policy';
import type { NamespaceAccess } from './envelope-parts';
import { isSatisfied, majorityOf } from './is-satisfied';

/** Where Fabric keeps the definitions of a channel's chaincodes. */
const LIFECYCLE = '_lifecycle';
const DEFINITION_KEY = /^namespaces\/fields\/([^/]+)\/ValidationInfo$/;
const REFERENCE = /^\/Channel\/Application\/([^/]+)$/;
const STANDARD = 'Endorsement';
const OF_LIFECYCLE = 'LifecycleEndorsement';

/** The channel's policy of that name, or one of its own. */
type Definition = { readonly reference: string } | { readonly policy: ChannelPolicy };

/**
 * Who must endorse what is written where: by the channel's configuration, and by the definitions of chaincodes that
 * its transactions commit.
 *
 * @see peer/lifecycle: `StateData {bytes = 2}`, `ChaincodeValidationInfo {validation_parameter = 2}`; peer/policy.proto:
 *   `ApplicationPolicy {signature_policy = 1, channel_config_policy_reference = 2}`
 */
export class EndorsementPolicies {
  readonly #definitions = new Map<string, Definition>();

  /** Takes the definitions of chaincodes that a valid transaction writes. @throws EkoError `CORRUPT_RECORD` */
  apply(written: readonly NamespaceAccess[]): void {
    for (const { namespace, writes } of written) {
      if (namespace !== LIFECYCLE) continue;
      for (const { key, value } of writes) {
        const chaincode = DEFINITION_KEY.exec(key)?.[1];
        if (chaincode !== undefined) this.#definitions.set(chaincode, parseDefinition(value));
      }
    }
  }

  /** Whether these members, each of whom has endorsed, are enough for what is written in a namespace. */
  allows(namespace: string, config: ConfigGroup, signers: readonly ChannelMember[]): boolean {
    const application = groupAt(config, CONFIG_NAMES.application);
    if (application === undefined) return false;
    const definition = this.#definitions.get(namespace);
    if (definition !== undefined && 'policy' in definition)
      return isSatisfied(definition.policy, application, signers);
    const reference = definition?.reference ?? (namespace === LIFECYCLE ? OF_LIFECYCLE : STANDARD);
    const policy = application.policies.get(reference);
    // A development ledger's configuration names no policies: it keeps to Fabric's standard.
    if (policy === undefined && application.policies.size === 0)
      return new Set(signers.map(({ mspId }) => mspId)).size >= majorityOf(application.groups.size);
    return isSatisfied(policy, application, signers);
  }
}

/**
 * The namespaces whose policies a transaction must satisfy. Those that hold private data alone are governed by policies
 * of their collections, which are not read here.
 */
export function governedNamespaces(
  chaincode: string,
  written: readonly NamespaceAccess[],
): readonly string[] {
  const wroteTo = written.filter(({ writes }) => writes.length > 0).map(({ namespace }) => namespace);
  return [...new Set(chaincode === LIFECYCLE ? wroteTo : [chaincode, ...wroteTo])];
}

function parseDefinition(stateData: Uint8Array): Definition {
  const parameter = new ProtobufMessage(new ProtobufMessage(stateData).bytes(2)).messageIn(2);
  if (parameter.repeated(1).length > 0) return { policy: parseSignaturePolicy(parameter.message(1)) };
  return { reference: REFERENCE.exec(parameter.text(2))?.[1] ?? STANDARD };
}
