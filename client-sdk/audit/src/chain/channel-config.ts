import { EkoError } from '@eko/protocol';
import { ProtobufMessage } from '@eko/sdk/node';
import { parsePolicy, type ChannelPolicy } from './channel-policy';

/** A group of a channel's configuration: the channel itself, its ordering service, an organisation. */
export interface ConfigGroup {
  readonly groups: ReadonlyMap<string, ConfigGroup>;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly policies: ReadonlyMap<string, ChannelPolicy>;
}

/** Names that Fabric gives to parts of a configuration. */
export const CONFIG_NAMES = {
  application: 'Application',
  orderer: 'Orderer',
  msp: 'MSP',
  consenters: 'Orderers',
} as const;

/** Channel, service, organisation, and one to spare. */
const MOST_DEPTH = 4;

/**
 * Reads the whole configuration that a block of configuration holds.
 *
 * @param data - a serialized `common.ConfigEnvelope`
 * @throws EkoError `CORRUPT_RECORD`
 * @see common/configtx.proto
 */
export function parseChannelConfig(data: Uint8Array): ConfigGroup {
  return parseGroup(new ProtobufMessage(data).message(1).message(2), 1);
}

/** What lies at a path such as `Application`, `Org1MSP`. */
export function groupAt(root: ConfigGroup, ...path: readonly string[]): ConfigGroup | undefined {
  return path.reduce<ConfigGroup | undefined>((group, name) => group?.groups.get(name), root);
}

function parseGroup(message: ProtobufMessage, depth: number): ConfigGroup {
  if (depth > MOST_DEPTH)
    throw new EkoError('CORRUPT_RECORD', "A channel's configuration is nested too deep");
  return {
    groups: entriesOf(message, 2, (group) => parseGroup(group, depth + 1)),
    values: entriesOf(message, 3, (value) => value.bytes(2)),
    policies: entriesOf(message, 4, (policy) => parsePolicy(policy.message(2))),
  };
}

/** A map field: messages of key and value. */
function entriesOf<Value>(
  message: ProtobufMessage,
  field: number,
  parse: (value: ProtobufMessage) => Value,
): ReadonlyMap<string, Value> {
  return new Map(
    message.repeated(field).map((bytes) => {
      const entry = new ProtobufMessage(bytes);
      return [entry.text(1), parse(entry.message(2))];
    }),
  );
}
