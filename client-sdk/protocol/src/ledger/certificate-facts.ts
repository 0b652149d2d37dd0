import { Type } from '@sinclair/typebox';
import { DER_TAGS, readDerParts, readDerValues, type DerValue } from '../encoding/der-value';
import { fits } from '../encoding/schema-check';
import { strictObject } from './schemas/scalars';
import { parseStrictJson } from '../encoding/strict-json';
import { utf8Decode } from '../encoding/utf8';

/** What a certificate says of its holder's place in its organisation (NodeOU). */
export type OrganisationRole = 'client' | 'admin' | 'peer' | 'orderer';

/**
 * Attributes that Fabric CA writes into a node's certificate, and by which its organisation vouches for what the node
 * says of itself when it registers.
 */
export const CERTIFICATE_ATTRIBUTES = {
  /** Its role: it then needs no administrator's approval. */
  role: 'eko.role',
  /** Its zone. */
  zone: 'eko.zone',
  /** Its tags, between commas. */
  tags: 'eko.tags',
} as const;

/** What an organisation's authority says of the holder of a certificate. */
export interface CertificateFacts {
  /** The organisational units of the subject, in its order. */
  readonly units: readonly string[];
  /** The attributes that Fabric CA wrote; none where they are not exactly as it writes them. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** 2.5.4.11, organisationalUnitName. */
const UNIT = Uint8Array.of(0x55, 0x04, 0x0b);
/** 1.2.3.4.5.6.7.8.1, where Fabric CA puts attributes. */
const ATTRIBUTES = Uint8Array.of(0x2a, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x01);
/** Of `tbsCertificate`, after the version: serial number, algorithm, issuer, validity, subject. */
const SUBJECT_PLACE = 5;
const ATTRIBUTE_LIMITS = { maxBytes: 4096, maxDepth: 3 };
/** The form of `attrs` in Fabric CA's extension. */
const AttributeDocument = strictObject({ attrs: Type.Record(Type.String(), Type.String()) });

/**
 * Reads a certificate's units and attributes by a walk of its DER, in which everything has one form: no part is looked
 * for by its name in a text, and nothing is read that stands in another place.
 *
 * @param der - a certificate that a parser of X.509 took
 * @returns `undefined` where the walk meets another form
 */
export function readCertificateFacts(der: Uint8Array): CertificateFacts | undefined {
  const [certificate, ...rest] = readDerValues(der) ?? [];
  const parts = readDerParts(certificate, DER_TAGS.sequence);
  const fields = readDerParts(parts?.[0], DER_TAGS.sequence);
  if (rest.length > 0 || parts?.length !== 3 || fields === undefined) return undefined;
  const units = readUnits(fields[SUBJECT_PLACE]);
  const attributes = readAttributes(fields.find(({ tag }) => tag === DER_TAGS.extensions));
  return units === undefined || attributes === undefined ? undefined : { units, attributes };
}

function readUnits(subject: DerValue | undefined): readonly string[] | undefined {
  const units: string[] = [];
  for (const set of readDerParts(subject, DER_TAGS.sequence) ?? [undefined]) {
    for (const pair of readDerParts(set, DER_TAGS.set) ?? [undefined]) {
      const [type, value, ...rest] = readDerParts(pair, DER_TAGS.sequence) ?? [];
      if (type?.tag !== DER_TAGS.objectIdentifier || value === undefined || rest.length > 0) return undefined;
      if (isSame(type.content, UNIT)) units.push(textOf(value));
    }
  }
  return units;
}

/** A text of a kind that no role is written in counts as a unit of no name. */
function textOf({ tag, content }: DerValue): string {
  if (tag !== DER_TAGS.utf8String && tag !== DER_TAGS.printableString) return '';
  try {
    return utf8Decode(content);
  } catch {
    // Not UTF-8, so it is the name of no role.
    return '';
  }
}

function readAttributes(field: DerValue | undefined): ReadonlyMap<string, string> | undefined {
  const none = new Map<string, string>();
  if (field === undefined) return none;
  const [list, ...rest] = readDerValues(field.content) ?? [];
  const extensions = readDerParts(list, DER_TAGS.sequence);
  if (rest.length > 0 || extensions === undefined) return undefined;
  const found: DerValue[] = [];
  for (const extension of extensions) {
    const parts = readDerParts(extension, DER_TAGS.sequence);
    const [type] = parts ?? [];
    const value = parts?.at(-1);
    if (type?.tag !== DER_TAGS.objectIdentifier || value?.tag !== DER_TAGS.octetString) return undefined;
    if (isSame(type.content, ATTRIBUTES)) found.push(value);
  }
  const [sole, ...more] = found;
  return sole === undefined || more.length > 0 ? none : parseAttributes(sole.content);
}

function parseAttributes(content: Uint8Array): ReadonlyMap<string, string> {
  try {
    const document = parseStrictJson(utf8Decode(content), ATTRIBUTE_LIMITS);
    return new Map(fits(AttributeDocument, document) ? Object.entries(document.attrs) : []);
  } catch {
    // An authority may write what it likes there; what is not in the form of Fabric CA vouches for nothing.
    return new Map();
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, place) => byte === b[place]);
