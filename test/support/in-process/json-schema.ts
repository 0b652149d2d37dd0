import { isDeepStrictEqual } from 'node:util';

/** A JSON Schema as it stands in a document, with as many of its words as the REST API uses. */
export type JsonSchema = Readonly<Record<string, unknown>>;

type Rule = (expected: never, value: unknown, schema: JsonSchema, root: JsonSchema) => boolean;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isSafeInteger,
};

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** What each word asks of a value; words about other kinds of values are content. */
const RULES: Readonly<Record<string, Rule>> = {
  type: (name: string, value) => TYPES[name]?.(value) ?? false,
  const: (expected: unknown, value) => isDeepStrictEqual(expected, value),
  anyOf: (choices: readonly JsonSchema[], value, _schema, root) =>
    choices.some((choice) => firstMisfit(choice, value, root) === undefined),
  pattern: (pattern: string, value) => typeof value !== 'string' || new RegExp(pattern).test(value),
  format: (name: string, value) => name === 'date-time' && typeof value === 'string' && DATE_TIME.test(value),
  minLength: (least: number, value) => typeof value !== 'string' || value.length >= least,
  maxLength: (most: number, value) => typeof value !== 'string' || value.length <= most,
  minimum: (least: number, value) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value) => typeof value !== 'number' || value <= most,
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  maxItems: (most: number, value) => !Array.isArray(value) || value.length <= most,
  uniqueItems: (_: boolean, value) => !Array.isArray(value) || new Set(value).size === value.length,
  maxProperties: (most: number, value) => !isRecord(value) || Object.keys(value).length <= most,
  required: (names: readonly string[], value) => !isRecord(value) || names.every((name) => name in value),
  additionalProperties: (_: false, value, schema) => {
    const patterns = Object.keys(recordIn(schema, 'patternProperties')).map((text) => new RegExp(text));
    const names = new Set(Object.keys(recordIn(schema, 'properties')));
    const isKnown = (name: string) => names.has(name) || patterns.some((pattern) => pattern.test(name));
    return !isRecord(value) || Object.keys(value).every(isKnown);
  },
};

/**
 * Where a value does not fit a schema, or `undefined` if it does.
 *
 * @param root - the document that `$ref` points into
 * @throws RangeError for a word that is not known here, so that nothing passes unchecked
 */
export function firstMisfit(
  schema: JsonSchema,
  value: unknown,
  root: JsonSchema,
  place = '',
): string | undefined {
  const target = schema['$ref'];
  if (typeof target === 'string') return firstMisfit(resolve(root, target), value, root, place);
  for (const [word, expected] of Object.entries(schema)) {
    if (word === 'items' || word === 'properties' || word === 'patternProperties') continue;
    const rule = RULES[word];
    if (rule === undefined) throw new RangeError(`${place}: the word ${word} is not known`);
    if (!rule(expected as never, value, schema, root)) return `${place || '(the whole)'}: ${word}`;
  }
  for (const [name, inner, part] of partsOf(schema, value)) {
    const misfit = firstMisfit(inner, part, root, `${place}/${name}`);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

/** The parts of a value that have a schema of their own. */
function partsOf(schema: JsonSchema, value: unknown): readonly (readonly [string, JsonSchema, unknown])[] {
  if (Array.isArray(value)) {
    const items = recordIn(schema, 'items');
    return value.map((item, index) => [String(index), items, item] as const);
  }
  if (!isRecord(value)) return [];
  const properties = Object.entries(recordIn(schema, 'properties'));
  const patterns = Object.entries(recordIn(schema, 'patternProperties'));
  return [
    ...properties
      .filter(([name]) => name in value)
      .map(([name, inner]) => [name, inner, value[name]] as const),
    ...patterns.flatMap(([pattern, inner]) =>
      Object.entries(value)
        .filter(([name]) => new RegExp(pattern).test(name))
        .map(([name, part]) => [name, inner, part] as const),
    ),
  ].map(([name, inner, part]) => [name, isRecord(inner) ? inner : {}, part] as const);
}

function resolve(root: JsonSchema, pointer: string): JsonSchema {
  let at: unknown = root;
  for (const name of pointer.split('/').slice(1)) at = isRecord(at) ? at[name] : undefined;
  if (!isRecord(at)) throw new RangeError(`${pointer} leads nowhere`);
  return at;
}

/** The record of that name, empty where there is none. */
export function recordIn(of: JsonSchema, name: string): JsonSchema {
  const value = of[name];
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
