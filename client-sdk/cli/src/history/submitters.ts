import { identityHash } from '@eko/protocol';
import type { BlockSubmitter } from '@eko/sdk';
import { X509Certificate } from 'node:crypto';

/** Who submitted a transaction. */
export interface Submitter {
  readonly mspId: string;
  /** SHA-256 over MSP ID and public key, as records name nodes' identities; none of what is no certificate. */
  readonly identity: string | undefined;
  /** Whether it acts as an administrator of its organisation. */
  readonly isAdmin: boolean;
  /** What its certificate says of a node, as Fabric CA writes it. */
  readonly attributes: ReadonlyMap<string, string>;
}

const ROLE_UNITS = ['client', 'admin', 'peer', 'orderer'];

/** Reads certificates of submitters, each once. */
export class Submitters {
  readonly #known = new Map<string, Submitter>();

  of({ mspId, certificatePem }: BlockSubmitter): Submitter {
    const name = `${mspId}\n${certificatePem}`;
    const known = this.#known.get(name) ?? read(mspId, certificatePem);
    this.#known.set(name, known);
    return known;
  }
}

function read(mspId: string, certificatePem: string): Submitter {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    // It names nobody, so whatever it did is found to be nobody's.
    return { mspId, identity: undefined, isAdmin: false, attributes: new Map() };
  }
  const { OU: units } = certificate.toLegacyObject().subject as { OU?: string | string[] };
  const roles = [units ?? []].flat().filter((unit) => ROLE_UNITS.includes(unit));
  return {
    mspId,
    identity: identityHash(mspId, certificate.publicKey.export({ type: 'spki', format: 'der' })),
    isAdmin: roles.length === 1 && roles[0] === 'admin',
    attributes: attributesIn(certificate.raw),
  };
}

/** OID 1.2.3.4.5.6.7.8.1 with its tag: the extension of Fabric CA, whose value is an octet string of JSON. */
const ATTRIBUTES = Buffer.from('06082a03040506070801', 'hex');
const OCTET_STRING = 0x04;
const LONG_FORM = 0x80;

function attributesIn(der: Buffer): Submitter['attributes'] {
  const place = der.indexOf(ATTRIBUTES);
  if (place < 0) return new Map();
  try {
    const value = octetsAt(der, place + ATTRIBUTES.length);
    const { attrs } = JSON.parse(value.toString('utf8')) as { attrs?: Record<string, unknown> };
    return new Map(
      Object.entries(attrs ?? {}).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
    );
  } catch {
    // What is not in the form of Fabric CA vouches for nothing.
    return new Map();
  }
}

function octetsAt(der: Buffer, start: number): Buffer {
  if (der.readUInt8(start) !== OCTET_STRING) throw new RangeError('no octet string');
  const first = der.readUInt8(start + 1);
  const more = first < LONG_FORM ? 0 : first - LONG_FORM;
  const length = more === 0 ? first : der.readUIntBE(start + 2, more);
  return der.subarray(start + 2 + more, start + 2 + more + length);
}
