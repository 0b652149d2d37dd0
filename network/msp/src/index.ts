/**
 * Organisations of a Fabric network: issuing their certificates, in the layout of Fabric's own tools, and telling by them
 * who a caller is.
 *
 * @packageDocumentation
 */
export {
  CertificateAuthority,
  type CertificateSubject,
  type KeyPair,
  type NodeRole,
} from './certificate-authority';
export { AccessDenied, hasExpired, Membership } from './membership';
export {
  createOrganisation,
  issueIdentity,
  issuePeer,
  openIdentity,
  tlsCaFileOf,
  type IdentityRequest,
  type IssuedIdentity,
  type Organisation,
  type OrganisationLocation,
  type PeerIdentity,
} from './organisation';
