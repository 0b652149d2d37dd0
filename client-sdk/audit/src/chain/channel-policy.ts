import { EkoError } from '@eko/protocol';
import { ProtobufMessage } from '@eko/sdk/node';
import type { ChannelMember, MemberRole } from './channel-member';

/** Who must sign: by name, by counting what the groups below ask for, or in a way that this program does not know. */
export type ChannelPolicy =
  | { readonly kind: 'signatures'; readonly rule: SignatureRule; readonly principals: readonly Principal[] }
  | { readonly kind: 'groups'; readonly policy: string; readonly threshold: 'any' | 'all' | 'majority' }
  | { readonly kind: 'unknown' };

/** One principal's signature, or some rules of several. */
export type SignatureRule =
  | { readonly kind: 'by'; readonly principal: number }
  | { readonly kind: 'some'; readonly needed: number; readonly rules: readonly SignatureRule[] };

/** Whether a member is one of those that are meant. */
export type Principal = (member: ChannelMember) => boolean;

/** `Policy.PolicyType` */
const POLICY = { signature: 1n, implicitMeta: 3n } as const;
/** `MSPPrincipal.Classification` */
const PRINCIPAL = { role: 0n, unit: 1n, identity: 2n } as const;
/** `MSPRole.MSPRoleType`, by number */
const ROLES: readonly ('member' | MemberRole)[] = ['member', 'admin', 'client', 'peer', 'orderer'];
/** `ImplicitMetaPolicy.Rule`, by number */
const THRESHOLDS = ['any', 'all', 'majority'] as const;
/** As deep as rules are nested here; Fabric's own tools write two levels. */
const MOST_DEPTH = 16;

/**
 * Reads a serialized `common.Policy`.
 *
 * @throws EkoError `CORRUPT_RECORD`
 * @see common/policies.proto, msp/msp_principal.proto
 */
export function parsePolicy(policy: ProtobufMessage): ChannelPolicy {
  switch (policy.number(1)) {
    case POLICY.signature:
      return parseSignaturePolicy(policy.messageIn(2));
    case POLICY.implicitMeta: {
      const meta = policy.messageIn(2);
      const threshold = THRESHOLDS[Number(meta.number(2))];
      return threshold === undefined
        ? { kind: 'unknown' }
        : { kind: 'groups', policy: meta.text(1), threshold };
    }
    default:
      return { kind: 'unknown' };
  }
}

/** Reads a `common.SignaturePolicyEnvelope`. @throws EkoError `CORRUPT_RECORD` */
export function parseSignaturePolicy(envelope: ProtobufMessage): ChannelPolicy {
  return {
    kind: 'signatures',
    rule: parseRule(envelope.message(2), 1),
    principals: envelope.repeated(3).map((bytes) => parsePrincipal(new ProtobufMessage(bytes))),
  };
}

function parseRule(rule: ProtobufMessage, depth: number): SignatureRule {
  if (depth > MOST_DEPTH) throw new EkoError('CORRUPT_RECORD', 'A policy is nested too deep');
  if (rule.repeated(2).length === 0) return { kind: 'by', principal: Number(rule.number(1)) };
  const some = rule.message(2);
  return {
    kind: 'some',
    needed: Number(some.number(1)),
    rules: some.repeated(2).map((bytes) => parseRule(new ProtobufMessage(bytes), depth + 1)),
  };
}

function parsePrincipal(principal: ProtobufMessage): Principal {
  const named = principal.messageIn(2);
  const mspId = named.text(1);
  switch (principal.number(1)) {
    case PRINCIPAL.role: {
      const role = ROLES[Number(named.number(2))];
      return (member) =>
        member.mspId === mspId && (role === 'member' || member.roles.some((each) => each === role));
    }
    case PRINCIPAL.unit: {
      const unit = named.text(2);
      return (member) => member.mspId === mspId && member.units.includes(unit);
    }
    case PRINCIPAL.identity: {
      const identity = principal.bytes(2);
      return (member) => member.isIdentity(identity);
    }
    default:
      return () => false;
  }
}
