import { decodePemBlock, isSignedBy } from '@eko/protocol/node';
import { readCertificateFacts } from '@eko/protocol/ledger';
import { ProtobufMessage } from '@eko/sdk/node';
import { X509Certificate } from 'node:crypto';
import { sha256 } from './block-parts';
import { CONFIG_NAMES, type ConfigGroup, groupAt } from './channel-config';
import type { ChannelMember, MemberRole } from './channel-member';

/** What a channel's configuration says of one organisation. */
interface Organisation {
  readonly roots: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
  readonly admins: readonly X509Certificate[];
  /** The unit of each role, where units stand for roles. */
  readonly units: readonly (readonly [role: MemberRole, unit: string])[] | undefined;
}

/** Fields of `FabricNodeOUs`. */
const NODE_UNITS = [
  ['client', 2],
  ['peer', 3],
  ['admin', 4],
  ['orderer', 5],
] as const satisfies readonly (readonly [MemberRole, number])[];
const MOST_CHAIN = 8;
const MOST_CERTIFICATE_BYTES = 64 * 1024;
/** Fabric looks at a chain as it was when the certificate began, plus this. */
const CHAIN_CHECK_DELAY_MS = 1000;

/**
 * The members of a channel by its configuration. As for Fabric's peers, a certificate may have expired since; unlike
 * them, lists of revoked certificates are not looked at.
 *
 * @see msp/msp_config.proto
 */
export class ChannelMembers {
  readonly #organisations = new Map<string, Organisation>();
  /** Members by their certificates, however those are written: nobody signs twice. */
  readonly #members = new Map<string, ChannelMember>();
  /** By the hash of an identity, whose bytes may be many; undefined for who is none. */
  readonly #identities = new Map<string, ChannelMember | undefined>();

  /** @throws EkoError `CORRUPT_RECORD` */
  constructor(config: ConfigGroup) {
    for (const service of [CONFIG_NAMES.application, CONFIG_NAMES.orderer]) {
      for (const { values } of groupAt(config, service)?.groups.values() ?? []) {
        const settings = new ProtobufMessage(values.get(CONFIG_NAMES.msp) ?? new Uint8Array()).messageIn(2);
        this.#organisations.set(settings.text(1), parseOrganisation(settings));
      }
    }
  }

  /** The member that a serialised identity names; nothing where the channel has none such. */
  identified(identity: Uint8Array): ChannelMember | undefined {
    const hash = sha256(identity).toString('latin1');
    if (!this.#identities.has(hash)) {
      const { mspId, pem } = parseIdentity(identity);
      this.#identities.set(hash, this.certified(mspId, pem));
    }
    return this.#identities.get(hash);
  }

  /** The member whose certificate this is; nothing where the channel has none such. */
  certified(mspId: string, pem: Uint8Array): ChannelMember | undefined {
    const certificate = parseCertificate(pem);
    const organisation = this.#organisations.get(mspId);
    if (certificate === undefined || organisation === undefined) return undefined;
    const key = `${mspId} ${certificate.fingerprint256}`;
    const member = this.#members.get(key) ?? newMember(mspId, certificate, organisation);
    if (member !== undefined) this.#members.set(key, member);
    return member;
  }
}

function newMember(
  mspId: string,
  certificate: X509Certificate,
  organisation: Organisation,
): ChannelMember | undefined {
  if (certificate.ca || !isCertified(certificate, organisation)) return undefined;
  const units = readCertificateFacts(certificate.raw)?.units;
  if (units === undefined) return undefined;
  const roles = (organisation.units ?? []).filter(([, unit]) => units.includes(unit)).map(([role]) => role);
  if (organisation.units !== undefined && roles.length !== 1) return undefined;
  const isAdmin = organisation.admins.some(({ raw }) => raw.equals(certificate.raw));
  const { publicKey } = certificate;
  return {
    mspId,
    roles: isAdmin ? [...roles, 'admin'] : roles,
    units,
    isIdentity(identity) {
      const other = parseIdentity(identity);
      return other.mspId === mspId && parseCertificate(other.pem)?.raw.equals(certificate.raw) === true;
    },
    hasSigned: (message, signature) => isSignedBy(publicKey, message, signature),
  };
}

/** `msp.SerializedIdentity {mspid = 1, id_bytes = 2}` */
function parseIdentity(identity: Uint8Array): { readonly mspId: string; readonly pem: Uint8Array } {
  const message = new ProtobufMessage(identity);
  return { mspId: message.text(1), pem: message.bytes(2) };
}

function parseOrganisation(settings: ProtobufMessage): Organisation {
  const certificates = (field: number): readonly X509Certificate[] =>
    settings.repeated(field).flatMap((pem) => parseCertificate(pem) ?? []);
  const nodeUnits = settings.message(11);
  const units = NODE_UNITS.map(([role, field]) => [role, nodeUnits.message(field).text(2)] as const);
  return {
    roots: certificates(2),
    intermediates: certificates(3),
    admins: certificates(4),
    units: nodeUnits.number(1) === 1n ? units.filter(([, unit]) => unit !== '') : undefined,
  };
}

function parseCertificate(pem: Uint8Array): X509Certificate | undefined {
  if (pem.length > MOST_CERTIFICATE_BYTES) return undefined;
  const der = decodePemBlock(Buffer.from(pem).toString('latin1'));
  if (der === undefined) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    // It names nobody; whoever comes with it is found to be none of the channel.
    return undefined;
  }
}

function isCertified(certificate: X509Certificate, { roots, intermediates }: Organisation): boolean {
  const atUnixMs = Date.parse(certificate.validFrom) + CHAIN_CHECK_DELAY_MS;
  let last = certificate;
  for (let length = 0; length < MOST_CHAIN; length += 1) {
    if (roots.some((root) => isIssuedBy(last, root, atUnixMs))) return true;
    const issuer = intermediates.find((each) => isIssuedBy(last, each, atUnixMs));
    if (issuer === undefined) return false;
    last = issuer;
  }
  return false;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate, atUnixMs: number): boolean {
  const isInForce = Date.parse(issuer.validFrom) <= atUnixMs && atUnixMs <= Date.parse(issuer.validTo);
  return isInForce && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

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
