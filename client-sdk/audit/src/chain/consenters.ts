import { ProtobufMessage } from '@eko/sdk/node';
import { CONFIG_NAMES, groupAt, type ConfigGroup } from './channel-config';
import type { ChannelMember } from './channel-member';
import type { ChannelMembers } from './channel-members';

/**
 * Whom the numbers of a BFT ordering service stand for; nobody where orderers name themselves.
 *
 * @throws EkoError `CORRUPT_RECORD`
 * @see common/configuration.proto: `Orderers`, `Consenter {id = 1, msp_id = 4, identity = 5}`
 */
export function consentersOf(
  config: ConfigGroup,
  members: ChannelMembers,
): ReadonlyMap<bigint, ChannelMember | undefined> {
  const mapping = groupAt(config, CONFIG_NAMES.orderer)?.values.get(CONFIG_NAMES.consenters);
  return new Map(
    new ProtobufMessage(mapping ?? new Uint8Array()).repeated(1).map((bytes) => {
      const consenter = new ProtobufMessage(bytes);
      return [consenter.number(1), members.certified(consenter.text(4), consenter.bytes(5))];
    }),
  );
}
