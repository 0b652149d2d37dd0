import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '@eko/protocol';
import { propertiesOf } from '@eko/protocol/encoding';
import { JSON_OPERATIONS, RAW_OPERATIONS, openApiDocument } from '@eko/protocol/rest';

const FILE = join(__dirname, '../../../../docs/openapi.json');

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
      propertiesOf(JSON_OPERATIONS.requestStreams.body.properties.policy)['durationSeconds'],
    ).toMatchObject({
      minimum: LIMITS.durationSecondsMin,
      maximum: LIMITS.durationSecondsMax,
    });
  });

  it('describes every route but its own', () => {
    const operations = [...Object.values(JSON_OPERATIONS), ...Object.values(RAW_OPERATIONS)];
    const routes = new Set(operations.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}')));
    expect(Object.keys(openApiDocument()['paths'] ?? {}).sort()).toEqual([...routes].sort());
  });
});
