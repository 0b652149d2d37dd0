import { EkoError } from '@eko/protocol';
import { fits, type Static, type TObject, type TSchema } from '@eko/protocol/encoding';
import { readTextFileSync } from '@eko/protocol/node';
import { parseDocument } from '@eko/sdk/node';

/** Where a setting came from, weakest first: each later one wins. */
export type SettingOrigin = 'default' | 'file' | 'environment' | 'flag';

/** A checked configuration, and where each of its settings came from. */
export interface LoadedConfiguration<Schema extends TObject> {
  readonly settings: Static<Schema>;
  readonly origins: Readonly<Record<string, SettingOrigin>>;
}

/** What a configuration is made of. */
export interface ConfigurationSources<Schema extends TObject> {
  /** Flat: every property a string, number, boolean or list of strings; `default` in a property is used where unset. */
  readonly schema: Schema;
  /** YAML or JSON. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `EKO_`; the setting `dataDirectory` is then `EKO_DATA_DIRECTORY`, its content may lie in `EKO_DATA_DIRECTORY_FILE`. */
  readonly environmentPrefix: string;
  /** Variables with the prefix that are no settings of this program. */
  readonly ignoredVariables?: readonly string[];
  readonly flags?: Readonly<Record<string, string | undefined>>;
}

const MAX_FILE_BYTES = 64 * 1024;
/** Settings are flat; a list is as deep as they go. */
const MAX_FILE_DEPTH = 4;

/**
 * Reads a configuration in one order: defaults, then the file, then the environment, then flags.
 *
 * @throws EkoError `INVALID_CONFIG` naming the setting and where it came from: unknown (with the nearest known name),
 *   of another type, or missing
 */
export async function loadConfiguration<Schema extends TObject>(
  sources: ConfigurationSources<Schema>,
): Promise<LoadedConfiguration<Schema>> {
  const properties: Readonly<Record<string, TSchema>> = sources.schema.properties;
  const settings: Record<string, unknown> = {};
  const origins: Record<string, SettingOrigin> = {};
  const take = (name: string, value: unknown, origin: SettingOrigin, where: string): void => {
    const property = properties[name];
    if (property === undefined) throw unknownSetting(name, where, Object.keys(properties));
    const converted = origin === 'environment' || origin === 'flag' ? fromText(property, value) : value;
    if (!fits(property, converted)) {
      throw invalid(name, `The setting ${name} (${where}) must be ${describe(property)}`);
    }
    settings[name] = converted;
    origins[name] = origin;
  };

  for (const [name, property] of Object.entries(properties)) {
    if (property['default'] !== undefined) take(name, property['default'], 'default', 'its default');
  }
  for (const [name, value] of Object.entries(await readSettingsFile(sources.file))) {
    take(name, value, 'file', sources.file ?? 'file');
  }
  for (const [name, value, where] of environmentSettings(sources, Object.keys(properties))) {
    take(name, value, 'environment', where);
  }
  for (const [name, value] of Object.entries(sources.flags ?? {})) {
    if (value !== undefined) take(name, value, 'flag', `flag --${dashed(name)}`);
  }
  const required: readonly string[] = sources.schema.required ?? [];
  const missing = required.find((name) => settings[name] === undefined);
  if (missing !== undefined) {
    const variable = sources.environmentPrefix + upper(missing);
    throw invalid(
      missing,
      `The setting ${missing} is missing: put it in the file, in ${variable} or in --${dashed(missing)}`,
    );
  }
  if (!fits(sources.schema, settings)) throw invalid('', 'The configuration does not fit its schema');
  return { settings, origins };
}

async function readSettingsFile(file: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (file === undefined) return {};
  const what = `The configuration file ${file}`;
  const text = readWithin(file, file, what);
  const parsed = await parseDocument(text, what, { maxBytes: MAX_FILE_BYTES, maxDepth: MAX_FILE_DEPTH });
  if (parsed === null || parsed === undefined) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw invalid(file, `The configuration file ${file} must hold settings by name`);
  }
  return { ...parsed };
}

function* environmentSettings(
  sources: ConfigurationSources<TObject>,
  names: readonly string[],
): Iterable<readonly [name: string, value: string, where: string]> {
  const { environment, environmentPrefix, ignoredVariables = [] } = sources;
  const byVariable = new Map(names.map((name) => [upper(name), name]));
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith(environmentPrefix) || ignoredVariables.includes(variable))
      continue;
    const suffix = variable.slice(environmentPrefix.length);
    const name = byVariable.get(suffix);
    if (name !== undefined) {
      yield [name, value, `variable ${variable}`];
      continue;
    }
    const fromFile = suffix.endsWith('_FILE') ? byVariable.get(suffix.slice(0, -'_FILE'.length)) : undefined;
    if (fromFile === undefined)
      throw unknownSetting(
        variable,
        'environment',
        [...byVariable.keys()].map((known) => environmentPrefix + known),
      );
    yield [
      fromFile,
      readWithin(value, variable, `The file that ${variable} names`).trim(),
      `file named by ${variable}`,
    ];
  }
}

function readWithin(file: string, name: string, what: string): string {
  let text: string | undefined;
  try {
    text = readTextFileSync(file, MAX_FILE_BYTES);
  } catch (error) {
    throw invalid(name, `${what} cannot be read`, error);
  }
  if (text === undefined) throw invalid(name, `${what} is too large`);
  return text;
}

/** Text from the environment or a flag becomes the number, boolean or list that the schema asks for, strictly. */
function fromText(property: TSchema, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  switch (property['type']) {
    case 'integer':
      return /^(0|-?[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value;
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'array':
      return value === '' ? [] : value.split(',').map((item) => item.trim());
    default:
      return value;
  }
}

function describe(property: TSchema): string {
  const { type, minimum, maximum, pattern, anyOf } = property;
  if (Array.isArray(anyOf)) return 'one of the values that the documentation names';
  const range =
    minimum === undefined && maximum === undefined ? '' : ` from ${String(minimum)} to ${String(maximum)}`;
  const form = pattern === undefined ? '' : ` of the form ${String(pattern)}`;
  return `${type === 'array' ? 'a list' : `a ${String(type)}`}${range}${form}`;
}

const upper = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function unknownSetting(name: string, where: string, known: readonly string[]): EkoError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return invalid(name, `Unknown setting ${name} (${where})${hint}`);
}

function invalid(setting: string, message: string, cause?: unknown): EkoError {
  return new EkoError('INVALID_CONFIG', message, { details: { setting }, cause });
}

/** The known name that takes the fewest changes to get to, if that is few enough to be a slip. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || distance < best.distance) best = { name: candidate, distance };
  }
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
