import { KindGuard, type Static, type TSchema } from '@sinclair/typebox';
import { parseWith } from '../encoding/schema-check';

/**
 * Checks what a party answered and gives it back typed, unchanged: every field that the schema names must fit, and there
 * may be more, as a party of a later version says more.
 *
 * @param what - what the value is, for the message
 * @throws EkoError `CORRUPT_RECORD` naming the first field that does not fit
 */
export function parseAnswer<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  requireAnswer(schema, value, what);
  return value;
}

function requireAnswer<T extends TSchema>(
  schema: T,
  value: unknown,
  what: string,
): asserts value is Static<T> {
  let open = opened.get(schema);
  if (open === undefined) {
    open = openSchema(schema);
    opened.set(schema, open);
  }
  parseWith(open, value, what, 'CORRUPT_RECORD');
}

const opened = new WeakMap<TSchema, TSchema>();

/** The same schema with room for more fields in every object; `format` is a remark in it, as JSON Schema has it. */
function openSchema(schema: TSchema): TSchema {
  if (KindGuard.IsObject(schema)) {
    const properties: Record<string, TSchema> = {};
    for (const [name, property] of Object.entries(schema.properties)) properties[name] = openSchema(property);
    return { ...schema, additionalProperties: true, properties };
  }
  if (KindGuard.IsArray(schema)) return { ...schema, items: openSchema(schema.items) };
  if (KindGuard.IsUnion(schema)) return { ...schema, anyOf: schema.anyOf.map(openSchema) };
  if (KindGuard.IsString(schema)) return { ...schema, format: undefined };
  return schema;
}
