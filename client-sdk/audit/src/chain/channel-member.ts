/** A role that an organisational unit of a certificate stands for. */
export type MemberRole = 'client' | 'peer' | 'admin' | 'orderer';

/** Whom a certificate of one of the channel's organisations names. */
export interface ChannelMember {
  readonly mspId: string;
  readonly roles: readonly MemberRole[];
  readonly units: readonly string[];
  /** Whether this is the holder of a serialised identity. */
  isIdentity(identity: Uint8Array): boolean;
  /** Whether the holder has signed. */
  hasSigned(message: Uint8Array, signature: Uint8Array): boolean;
}
