import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '@eko/protocol';
import { PARTY_ROUTES } from '@eko/protocol/rest';
import { propertiesOf } from '@eko/protocol/encoding';
import { openApiDocument } from '@eko/party';
import { API_OPERATIONS } from '../../../network/party/src/http/api-operations';

const FILE = join(__dirname, '../../../docs/openapi.json');

describe('the OpenAPI document', () => {
  it('stands in docs/openapi.json as the party serves it', () => {
    const current = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
    if (readFileSync(FILE, 'utf8') !== current)
      throw new Error(
        'docs/openapi.json is not current: npm run build && node scripts/openapi.mjs renews it',
      );
  });

  it('gives the bounds of the duration that a request is held to', () => {
    expect(
      propertiesOf(API_OPERATIONS.requestStreams.body.properties.policy)['durationSeconds'],
    ).toMatchObject({
      minimum: LIMITS.durationSecondsMin,
      maximum: LIMITS.durationSecondsMax,
    });
  });

  it('describes every route but its own', () => {
    const routes = Object.values(PARTY_ROUTES)
      .filter((route) => route !== PARTY_ROUTES.openapi)
      .map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
    expect(Object.keys(openApiDocument()['paths'] ?? {}).sort()).toEqual([...routes].sort());
  });
});
