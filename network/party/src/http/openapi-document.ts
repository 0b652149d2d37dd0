import { PARTY_ROUTES } from '@eko/protocol/rest';
import { type TSchema } from '@eko/protocol/encoding';
import { API_OPERATIONS } from './api-operations';
import { FeedHeaders, Nothing, ProblemDocument } from './api-schemas';
import { dataOperations } from './data-operations';
import { PROBLEM, parametersOf } from './openapi-parts';

/** The OpenAPI 3.1 document of the REST API, from the table that the server itself runs on. */
export function openApiDocument(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries(API_OPERATIONS)) {
    const path = braced(operation.path);
    const answers: Readonly<Record<string, TSchema>> = operation.answers;
    (paths[path] ??= {})[operation.method.toLowerCase()] = {
      operationId,
      summary: operation.summary,
      parameters: [
        ...parametersOf(operation.params, 'path'),
        ...parametersOf(operation.query, 'query'),
        ...parametersOf('headers' in operation ? operation.headers : Nothing, 'header'),
      ],
      ...(operation.method === 'POST'
        ? { requestBody: { content: { 'application/json': { schema: operation.body } } } }
        : {}),
      responses: {
        ...Object.fromEntries(
          Object.entries(answers).map(([status, schema]) => [
            status,
            { description: 'Done', content: { 'application/json': { schema } } },
          ]),
        ),
        default: { description: 'Refused or failed; `code` says why', content: PROBLEM },
      },
    };
  }
  paths[PARTY_ROUTES.events] = {
    get: {
      operationId: 'followEvents',
      summary: 'Follow the ledger events of this channel, heartbeats left out; last-event-id resumes',
      parameters: parametersOf(FeedHeaders, 'header'),
      responses: {
        200: {
          description: 'Server-sent events',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        default: { description: 'Refused', content: PROBLEM },
      },
    },
  };
  paths[braced(PARTY_ROUTES.data)] = dataOperations();
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
      schemas: { Problem: ProblemDocument },
    },
  };
}

const braced = (path: string): string => path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
