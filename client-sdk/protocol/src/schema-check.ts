import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import { EkoError, type ErrorCode } from './errors';
import { secretKindOf } from './secret-text';

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
  const first = check.Errors(value).First();
  const field = first === undefined || first.path === '' ? '(the whole)' : shownPath(first.path);
  throw new EkoError(code, `${what}: field ${field} does not fit: ${first?.message ?? 'unknown reason'}`, {
    details: { field: field.slice(0, 100) },
  });
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
