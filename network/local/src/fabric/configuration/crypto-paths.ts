import { join } from 'node:path';
import { ORDERER_DOMAIN } from '../plan/topology';

/** A TLS server's files. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly root: string;
}

/** The files of an orderer, as cryptogen lays them out. */
export function ordererFiles(
  crypto: string,
  host: string,
): { msp: string; certificate: string; tls: TlsFiles } {
  const folder = join(ordererOrganisation(crypto), 'orderers', host);
  const msp = join(folder, 'msp');
  return { msp, certificate: join(msp, 'signcerts', `${host}-cert.pem`), tls: tlsFiles(folder, 'server') };
}

/** The MSP of the ordering organisation. */
export const ordererMsp = (crypto: string): string => join(ordererOrganisation(crypto), 'msp');

/** The TLS files of the ordering organisation's administrator: `osnadmin` shows them. */
export function ordererAdminTls(crypto: string): TlsFiles {
  return tlsFiles(join(ordererOrganisation(crypto), 'users', `Admin@${ORDERER_DOMAIN}`), 'client');
}

/** The files of a peer. */
export function peerFiles(crypto: string, domain: string, host: string): { msp: string; tls: TlsFiles } {
  const folder = join(crypto, 'peerOrganizations', domain, 'peers', host);
  return { msp: join(folder, 'msp'), tls: tlsFiles(folder, 'server') };
}

/** The MSP of a peer organisation. */
export const peerOrganisationMsp = (crypto: string, domain: string): string =>
  join(crypto, 'peerOrganizations', domain, 'msp');

/** The MSP folder of a user of a peer organisation. */
export const userMsp = (crypto: string, domain: string, user: string): string =>
  join(crypto, 'peerOrganizations', domain, 'users', `${user}@${domain}`, 'msp');

const ordererOrganisation = (crypto: string): string => join(crypto, 'ordererOrganizations', ORDERER_DOMAIN);

function tlsFiles(folder: string, role: 'server' | 'client'): TlsFiles {
  const tls = join(folder, 'tls');
  return {
    certificate: join(tls, `${role}.crt`),
    key: join(tls, `${role}.key`),
    root: join(tls, 'ca.crt'),
  };
}
