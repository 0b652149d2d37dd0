import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_SETTINGS } from '@eko/node-kit';
import { OrchestratorSettings } from '@eko/orchestrator';
import { PartySettings } from '@eko/party';
import { ERROR_CODES } from '@eko/protocol';
import { strictObject } from '@eko/protocol/ledger';
import { type TObject, type TSchema } from '@eko/protocol/encoding';
import { WitnessSettings } from '@eko/witness';
import { LEDGER_OPTIONS } from '../../../network/embedded/src/config';
import { tableBelow } from './page-tables';

const PAGE = 'settings.md';
const METRIC_FOLDERS = [
  ...['node-kit/src/operations', 'party/src/service', 'witness/src/service', 'orchestrator/src/service'],
].map((folder) => join(__dirname, '../../../network', folder));
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value) && value.length > 0
      ? value.join(', ')
      : JSON.stringify(value);

/** What the page says in its column of allowed values. */
function allowed({ type, minimum, maximum, anyOf }: TSchema): string {
  if (Array.isArray(anyOf)) return anyOf.map(({ const: word }: TSchema) => String(word)).join(', ');
  if (type === 'integer') return `${String(minimum)} to ${String(maximum)}`;
  return type === 'boolean' ? 'true, false' : type === 'array' ? 'list' : 'text';
}

/** Name, default and allowed values of every setting, but those of every node. */
function settingsOf(schema: TObject, without: object): readonly (readonly string[])[] {
  const properties = Object.entries<TSchema>(schema.properties).filter(([name]) => !(name in without));
  return properties.map(([name, property]) => {
    const isRequired = schema.required?.includes(name) === true && property['default'] === undefined;
    const absent = isRequired ? 'required' : 'none';
    return [
      name,
      property['default'] === undefined ? absent : textOf(property['default']),
      allowed(property),
    ];
  });
}

/** As the tests of its configuration say. */
const REQUIRED_OF_LEDGER = 'directory';

describe('the page of settings and codes', () => {
  it.each([
    ['Every node', strictObject(NODE_SETTINGS), {}],
    ['Orchestrator', OrchestratorSettings, NODE_SETTINGS],
    ['Witness', WitnessSettings, NODE_SETTINGS],
    ['Party', PartySettings, NODE_SETTINGS],
  ])('has the settings of the schema: %s', (heading, schema, without) => {
    const rows = tableBelow(PAGE, heading).map((row) => row.slice(0, 3));
    expect(rows).toEqual(settingsOf(schema, without));
  });

  it('has the options of the development ledger', () => {
    const rows = tableBelow(PAGE, 'Development ledger').map((row) => row.slice(0, 2));
    const options = Object.entries<object>(LEDGER_OPTIONS).map(([name, option]) => {
      const standard = 'default' in option ? option.default : undefined;
      const isNone = standard === undefined || (Array.isArray(standard) && standard.length === 0);
      const absent = name === REQUIRED_OF_LEDGER ? 'required' : 'none';
      return [`--${name}`, isNone ? absent : textOf(standard)];
    });
    expect(rows).toEqual(options);
  });

  it('has every error code with its statuses', () => {
    const rows = tableBelow(PAGE, 'Error codes').map((row) => row.slice(0, 4));
    const codes = Object.entries(ERROR_CODES).map(([code, { status, exit, blame }]) => [
      code,
      String(status),
      String(exit),
      blame,
    ]);
    expect(rows).toEqual(codes);
  });

  it('says in a few words what each of them means', () => {
    for (const heading of [
      'Every node',
      'Orchestrator',
      'Witness',
      'Party',
      'Development ledger',
      'Error codes',
    ]) {
      for (const row of tableBelow(PAGE, heading)) expect(row.at(-1)).toMatch(/\w{3}/);
    }
  });

  it('has every metric that the nodes show, and no other', () => {
    const named = (file: string): readonly string[] =>
      [...readFileSync(file, 'utf8').matchAll(/'((?:eko|process)_[a-z_]+)'/g)].map(([, name = '']) => name);
    const sources = METRIC_FOLDERS.flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    const rows = tableBelow(PAGE, 'Metrics').map(([name = '']) => name);
    expect([...rows].sort()).toEqual([...new Set(sources.flatMap(named))].sort());
  });
});
