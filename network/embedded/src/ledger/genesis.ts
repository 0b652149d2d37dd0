import { common, msp } from '@hyperledger/fabric-protos';
import { buildBlock } from './block';

interface ProtobufMap<Value> {
  set(key: string, value: Value): void;
}

/**
 * Builds the first block of a channel: a configuration that names the organisations and their root certificates, so
 * that whoever has the blocks knows whom they trust. The same arguments give the same bytes.
 *
 * @param roots the root certificate, in PEM, of each MSP ID
 */
export function buildGenesisBlock(channelId: string, roots: ReadonlyMap<string, string>): common.Block {
  const application = new common.ConfigGroup();
  const organisations = application.getGroupsMap() as ProtobufMap<common.ConfigGroup>;
  for (const mspId of [...roots.keys()].sort()) {
    organisations.set(mspId, organisationGroup(mspId, roots.get(mspId) ?? ''));
  }
  const channelGroup = new common.ConfigGroup();
  (channelGroup.getGroupsMap() as ProtobufMap<common.ConfigGroup>).set('Application', application);
  const config = new common.Config();
  config.setChannelGroup(channelGroup);
  const data = new common.ConfigEnvelope();
  data.setConfig(config);

  const channel = new common.ChannelHeader();
  channel.setType(common.HeaderType.CONFIG);
  channel.setChannelId(channelId);
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return buildBlock(0, new Uint8Array(), [envelope.serializeBinary()], [0]);
}

function organisationGroup(mspId: string, rootPem: string): common.ConfigGroup {
  const settings = new msp.FabricMSPConfig();
  settings.setName(mspId);
  settings.setRootCertsList([Buffer.from(rootPem)]);
  const config = new msp.MSPConfig();
  config.setConfig(settings.serializeBinary());
  const value = new common.ConfigValue();
  value.setValue(config.serializeBinary());
  const group = new common.ConfigGroup();
  (group.getValuesMap() as ProtobufMap<common.ConfigValue>).set('MSP', value);
  return group;
}
