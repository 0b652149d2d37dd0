import type { TSchema } from '@sinclair/typebox';
import { propertiesOf, requiredOf } from '../encoding/schema-check';
import { JSON_OPERATIONS, RAW_OPERATIONS } from './operations';
import { PROBLEM_MEDIA_TYPE, Problem } from './problem';

/** An operation as OpenAPI describes it, still under the method and path of its table. */
interface Described {
  readonly method: string;
  readonly path: string;
  readonly description: Readonly<Record<string, unknown>>;
}

const REFUSED = 'Refused or failed; `code` says why';

/** The OpenAPI 3.1 document of a party's REST API, from the table that server and client run on. */
export function openApiDocument(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, description } of [...jsonOperations(), ...rawOperations()]) {
    (paths[path.replaceAll(/:([A-Za-z]+)/g, '{$1}')] ??= {})[method.toLowerCase()] = description;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'EKO party API',
      version: '1',
      description: 'Streams between two organisations, each under a fresh key that can be taken away again.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem },
    },
  };
}

const jsonOperations = (): readonly Described[] =>
  Object.entries(JSON_OPERATIONS).map(
    ([operationId, { method, path, summary, body, answer, statuses, ...parts }]) => ({
      method,
      path,
      description: {
        operationId,
        summary,
        parameters: parametersOf(parts),
        ...(method === 'POST' ? { requestBody: { content: jsonOf(body) } } : {}),
        responses: {
          ...Object.fromEntries(
            statuses.map((status) => [status, { description: 'Done', content: jsonOf(answer) }]),
          ),
          default: refusal(REFUSED),
        },
      },
    }),
  );

const rawOperations = (): readonly Described[] =>
  Object.entries(RAW_OPERATIONS).map(([operationId, operation]) => ({
    method: operation.method,
    path: operation.path,
    description: {
      operationId,
      summary: operation.summary,
      ...('description' in operation ? { description: operation.description } : {}),
      parameters: parametersOf(operation),
      ...('body' in operation ? { requestBody: { content: operation.body } } : {}),
      responses: { ...operation.answers, default: refusal(operation.refusal) },
    },
  }));

const jsonOf = (schema: TSchema) => ({ 'application/json': { schema } });

const refusal = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** The parameters of an operation, from the schemas of the parts of its request. */
function parametersOf(parts: {
  readonly params: TSchema;
  readonly query: TSchema;
  readonly headers: TSchema;
}): readonly unknown[] {
  return [
    ...parametersIn('path', parts.params),
    ...parametersIn('query', parts.query),
    ...parametersIn('header', parts.headers),
  ];
}

function parametersIn(place: 'path' | 'query' | 'header', schema: TSchema): readonly unknown[] {
  const required = requiredOf(schema);
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}
