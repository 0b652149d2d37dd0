/**
 * Bytes, texts, canonical JSON and schemas: how values of EKO are written down and checked.
 *
 * @packageDocumentation
 */
export { concatBytes, equalBytes, lengthPrefixed, uint32Bytes } from './bytes';
export { isWellFormedText, utf8Decode, utf8Encode } from './utf8';
export { BoundedMap } from './bounded-map';
export { decodeHex, encodeHex } from './hex';
export { decodeBase64Url, encodeBase64Url } from './base64url';
export type { JsonLimits } from './json-limits';
export { encodeCanonicalJson, parseCanonicalJson } from './canonical-json';
export { parseStrictJson } from './strict-json';
export { fits, parseWith, propertiesOf } from './schema-check';
export { Type } from '@sinclair/typebox';
export type { Static, TObject, TSchema } from '@sinclair/typebox';
export { secretKindOf, secretKindOfAll, secretKindOfHost } from '../secret/secret-text';
