import { Kind, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import { EkoError, type ErrorCode } from '../errors';
import { secretKindOf } from '../secret/secret-text';

const PLAIN_NAME = /^[A-Za-z0-9._-]{1,40}$/;

const compiled = new WeakMap<TSchema, TypeCheck<TSchema>>();

function checkOf(schema: TSchema): TypeCheck<TSchema> {
  let check = compiled.get(schema);
  if (check === undefined) {
    check = TypeCompiler.Compile(schema);
    compiled.set(schema, check);
  }
  return check;
}

/**
 * Checks an untrusted value against a schema and answers it typed, unchanged.
 *
 * @param what - what the value is, for the message ("RequestStreams", "release request")
 * @throws EkoError `INVALID_ARGUMENT` (or `code`) naming the first field that does not fit, never its value
 */
export function parseWith<T extends TSchema>(
  schema: T,
  value: unknown,
  what: string,
  code: ErrorCode = 'INVALID_ARGUMENT',
): Static<T> {
  const check = checkOf(schema);
  if (check.Check(value)) return value;
  const first = firstFault(schema, value, '');
  const field = first === undefined || first.path === '' ? '(the whole)' : shownPath(first.path);
  throw new EkoError(code, `${what}: field ${field} does not fit: ${first?.message ?? 'unknown reason'}`, {
    details: { field: field.slice(0, 100) },
  });
}

/** The first thing that does not fit. An array of distinct items is one kind for TypeBox: the item at fault is looked for. */
function firstFault(
  schema: TSchema,
  value: unknown,
  path: string,
): { readonly path: string; readonly message: string } | undefined {
  const first = checkOf(schema).Errors(value).First();
  if (first === undefined) return undefined;
  const at = path + first.path;
  const items: unknown = first.schema['uniqueItems'] === true ? first.schema['items'] : undefined;
  if (!isSchema(items) || !Array.isArray(first.value)) return { path: at, message: first.message };
  const wrong = first.value.findIndex((item) => !checkOf(items).Check(item));
  if (wrong !== -1) return firstFault(items, first.value[wrong], `${at}/${wrong}`);
  const { minItems = 0, maxItems } = first.schema;
  return {
    path: at,
    message: `Expected ${String(minItems)} to ${String(maxItems)} items, none of them twice`,
  };
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && Kind in value;
}

/** A JSON pointer for people. The caller chose the names of unknown fields, so one that may be a secret is not repeated. */
function shownPath(pointer: string): string {
  const names = pointer.slice(1).split('/');
  return names.map((name) => (PLAIN_NAME.test(name) && !secretKindOf(name) ? name : '(unnamed)')).join('.');
}

/** Tells whether a value fits a schema. */
export function fits<T extends TSchema>(schema: T, value: unknown): value is Static<T> {
  return checkOf(schema).Check(value);
}

/** The properties of an object schema, by name; none for any other. */
export function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  return isObjectSchema(schema) ? schema.properties : {};
}

/** The names of an object schema's required properties. */
export function requiredOf(schema: TSchema): readonly string[] {
  return isObjectSchema(schema) ? (schema.required ?? []) : [];
}

function isObjectSchema(schema: TSchema): schema is TObject {
  return 'properties' in schema;
}
