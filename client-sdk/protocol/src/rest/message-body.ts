import { Kind, Type, type TSchema } from '@sinclair/typebox';
import { ByteReader } from '../encoding/byte-reader';
import { concatBytes, uint32Bytes } from '../encoding/bytes';
import { propertiesOf } from '../encoding/schema-check';
import { parseStrictJson } from '../encoding/strict-json';
import { utf8Decode, utf8Encode } from '../encoding/utf8';
import { EkoError } from '../errors';

/** Media type of a message between nodes that has no raw bytes. */
const JSON_MEDIA_TYPE = 'application/json';

/**
 * Media type of a message between nodes that has raw bytes beside its other fields:
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | length of the head, most significant byte first |
 * | that many | the head: JSON of the message, which has of each field of bytes how many they are |
 * | the rest | the fields of bytes in the order of their names, one right behind the other |
 */
const PARTS_MEDIA_TYPE = 'application/vnd.eko.parts';

/** A field of raw bytes, at the top of a message between nodes. */
export const RawBytes = (maxBytes: number) => Type.Uint8Array({ maxByteLength: maxBytes });

/** A message as it goes over HTTP. */
export interface MessageBody {
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

/** Writes a message down: as JSON where it has no raw bytes. */
export function encodeMessage(message: unknown): MessageBody {
  const raw = rawPartsOf(message);
  if (raw.length === 0) return { mediaType: JSON_MEDIA_TYPE, content: JSON.stringify(message ?? null) };
  const sizes = Object.fromEntries(raw.map(([name, bytes]) => [name, bytes.length]));
  const head = utf8Encode(JSON.stringify({ ...Object(message), ...sizes }));
  const content = concatBytes(uint32Bytes(head.length), head, ...raw.map(([, bytes]) => bytes));
  return { mediaType: PARTS_MEDIA_TYPE, content };
}

function rawPartsOf(message: unknown): readonly (readonly [string, Uint8Array])[] {
  if (typeof message !== 'object' || message === null) return [];
  const parts: [string, Uint8Array][] = [];
  for (const [name, value] of Object.entries(message))
    if (value instanceof Uint8Array) parts.push([name, value]);
  return parts.sort(([a], [b]) => (a < b ? -1 : 1));
}

const rawFields = new WeakMap<TSchema, readonly string[]>();

function rawFieldsOf(schema: TSchema): readonly string[] {
  let names = rawFields.get(schema);
  if (names === undefined) {
    names = Object.entries(propertiesOf(schema))
      .filter(([, property]) => property[Kind] === 'Uint8Array')
      .map(([name]) => name)
      .sort();
    rawFields.set(schema, names);
  }
  return names;
}

/** The one media type in which a message of this schema comes. */
export function mediaTypeOf(schema: TSchema): string {
  return rawFieldsOf(schema).length === 0 ? JSON_MEDIA_TYPE : PARTS_MEDIA_TYPE;
}

/**
 * Reads a message that came in the media type of its schema; raw bytes are views into what came. The message is still to be
 * held against its schema.
 *
 * @throws EkoError those of `parseStrictJson`; `INVALID_ARGUMENT` where lengths do not add up to the whole
 */
export function decodeMessage(schema: TSchema, body: Uint8Array, maxDepth: number): unknown {
  const fields = rawFieldsOf(schema);
  if (fields.length === 0) return parseStrictJson(utf8Decode(body), { maxBytes: body.length, maxDepth });
  const reader = new ByteReader(body, 'INVALID_ARGUMENT', 'The message');
  const head = reader.lengthPrefixed(body.length);
  const message = parseStrictJson(utf8Decode(head), { maxBytes: head.length, maxDepth });
  if (!isObject(message)) throw new EkoError('INVALID_ARGUMENT', 'The head of the message is no object');
  const parts: Record<string, Uint8Array> = {};
  for (const field of fields) {
    const size = message[field];
    if (size === undefined) continue;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw new EkoError('INVALID_ARGUMENT', `The head does not say how many bytes ${field} has`, {
        details: { field },
      });
    parts[field] = reader.take(size);
  }
  reader.end();
  return { ...message, ...parts };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
