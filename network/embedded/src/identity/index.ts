/** Organisations and their certificates in the layout of Fabric's own tools, without the ledger. */
export { CertificateAuthority, type CertificateSubject, type KeyPair } from './certificate-authority';
export {
  createOrganisation,
  issueIdentity,
  openIdentity,
  type IdentityRequest,
  type IssuedIdentity,
  type Organisation,
  type OrganisationLocation,
} from './organisation';
