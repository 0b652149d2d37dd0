import type { ConfigGroup } from './channel-config';
import type { ChannelMember } from './channel-member';
import type { ChannelPolicy, Principal, SignatureRule } from './channel-policy';

/** More than half of what is there; of nothing, nothing. */
export const majorityOf = (count: number): number => (count === 0 ? 0 : Math.floor(count / 2) + 1);

/**
 * Whether these members, each of whom has signed, are whom a policy asks for.
 *
 * @param signers - nobody twice
 */
export function isSatisfied(
  policy: ChannelPolicy | undefined,
  group: ConfigGroup,
  signers: readonly ChannelMember[],
): boolean {
  switch (policy?.kind) {
    case 'signatures':
      return usedBy(policy.rule, policy.principals, signers, new Set()) !== undefined;
    case 'groups': {
      const below = [...group.groups.values()];
      const count = below.filter((each) =>
        isSatisfied(each.policies.get(policy.policy), each, signers),
      ).length;
      const needed = {
        any: Math.min(1, below.length),
        all: below.length,
        majority: majorityOf(below.length),
      };
      return count >= needed[policy.threshold];
    }
    case 'unknown':
    case undefined:
      return false;
  }
}

/** Fabric's own way to count: in the order of the rules, each signer serves one of them. */
function usedBy(
  rule: SignatureRule,
  principals: readonly Principal[],
  signers: readonly ChannelMember[],
  used: ReadonlySet<ChannelMember>,
): ReadonlySet<ChannelMember> | undefined {
  if (rule.kind === 'by') {
    const fits = principals[rule.principal];
    const signer = signers.find((each) => !used.has(each) && fits?.(each) === true);
    return signer === undefined ? undefined : new Set([...used, signer]);
  }
  let satisfied = 0;
  let now = used;
  for (const each of rule.rules) {
    const after = usedBy(each, principals, signers, now);
    if (after === undefined) continue;
    satisfied += 1;
    now = after;
  }
  return satisfied >= rule.needed ? now : undefined;
}
