import { propertiesOf, requiredOf, type TSchema } from '@eko/protocol/encoding';

/** The content of a refusal. */
export const PROBLEM = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

/** The parameters of an operation, from the schema of that part of its request. */
export function parametersOf(schema: TSchema, place: 'path' | 'query' | 'header'): readonly unknown[] {
  const required = requiredOf(schema);
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}
