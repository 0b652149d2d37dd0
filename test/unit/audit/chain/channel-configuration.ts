import { common, msp, peer } from '@hyperledger/fabric-protos';

interface ProtobufMap<Value> {
  set(key: string, value: Value): void;
}

/** A policy of one chaincode that peers of one organisation satisfy, as its definition is written. */
export function definitionOf(mspId: string, peers = 1): Uint8Array {
  const policy = new peer.ApplicationPolicy();
  const principal = rolePrincipal(mspId, msp.MSPRole.MSPRoleType.PEER);
  policy.setSignaturePolicy(
    signatureEnvelope(
      peers,
      Array.from({ length: peers }, () => principal),
    ),
  );
  const info = new peer.lifecycle.ChaincodeValidationInfo();
  info.setValidationPlugin('vscc');
  info.setValidationParameter(policy.serializeBinary());
  const data = new peer.lifecycle.StateData();
  data.setBytes(info.serializeBinary());
  return data.serializeBinary();
}

/** An organisation with roles by organisational unit. */
export function mspConfig(mspId: string, rootPems: readonly string[]): Uint8Array {
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  const unit = (name: string): msp.FabricOUIdentifier => {
    const identifier = new msp.FabricOUIdentifier();
    identifier.setOrganizationalUnitIdentifier(name);
    return identifier;
  };
  units.setClientOuIdentifier(unit('client'));
  units.setPeerOuIdentifier(unit('peer'));
  units.setAdminOuIdentifier(unit('admin'));
  units.setOrdererOuIdentifier(unit('orderer'));
  const settings = new msp.FabricMSPConfig();
  settings.setName(mspId);
  settings.setRootCertsList(rootPems.map((pem) => Buffer.from(pem)));
  settings.setFabricNodeOus(units);
  const config = new msp.MSPConfig();
  config.setConfig(settings.serializeBinary());
  return config.serializeBinary();
}

/** Puts a group into a group. */
export function setGroup(parent: common.ConfigGroup, name: string, group: common.ConfigGroup): void {
  (parent.getGroupsMap() as ProtobufMap<common.ConfigGroup>).set(name, group);
}

/** Puts a value into a group. */
export function setValue(group: common.ConfigGroup, name: string, bytes: Uint8Array): void {
  const value = new common.ConfigValue();
  value.setValue(bytes);
  (group.getValuesMap() as ProtobufMap<common.ConfigValue>).set(name, value);
}

/** Puts a policy into a group. */
export function setPolicy(group: common.ConfigGroup, name: string, policy: common.Policy): void {
  const entry = new common.ConfigPolicy();
  entry.setPolicy(policy);
  (group.getPoliciesMap() as ProtobufMap<common.ConfigPolicy>).set(name, entry);
}

/** Most of the groups below satisfy their policy of that name. */
export const majorityOf = (name: string): common.Policy =>
  implicit(name, common.ImplicitMetaPolicy.Rule.MAJORITY);
/** All of them do. */
export const allOf = (name: string): common.Policy => implicit(name, common.ImplicitMetaPolicy.Rule.ALL);
/** One of them does. */
export const anyOf = (name: string): common.Policy => implicit(name, common.ImplicitMetaPolicy.Rule.ANY);

function implicit(
  name: string,
  rule: common.ImplicitMetaPolicy.RuleMap[keyof common.ImplicitMetaPolicy.RuleMap],
): common.Policy {
  const meta = new common.ImplicitMetaPolicy();
  meta.setSubPolicy(name);
  meta.setRule(rule);
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(meta.serializeBinary());
  return policy;
}

/** Whoever has a role in an organisation. */
export function rolePrincipal(
  mspId: string,
  kind: msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap],
): msp.MSPPrincipal {
  const role = new msp.MSPRole();
  role.setMspIdentifier(mspId);
  role.setRole(kind);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(role.serializeBinary());
  return principal;
}

/** One identity and no other. */
export function identityPrincipal(identity: Uint8Array): msp.MSPPrincipal {
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.IDENTITY);
  principal.setPrincipal(identity);
  return principal;
}

/** So many of these have signed. */
export function signaturePolicy(needed: number, principals: readonly msp.MSPPrincipal[]): common.Policy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(signatureEnvelope(needed, principals).serializeBinary());
  return policy;
}

function signatureEnvelope(
  needed: number,
  principals: readonly msp.MSPPrincipal[],
): common.SignaturePolicyEnvelope {
  const some = new common.SignaturePolicy.NOutOf();
  some.setN(needed);
  some.setRulesList(
    principals.map((_, index) => {
      const by = new common.SignaturePolicy();
      by.setSignedBy(index);
      return by;
    }),
  );
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(some);
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule);
  envelope.setIdentitiesList([...principals]);
  return envelope;
}
