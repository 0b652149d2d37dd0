/** What a configuration file can hold. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMapping;

/** A mapping of one. */
export interface YamlMapping {
  readonly [name: string]: YamlValue;
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that are no text unless they are quoted, in one version of YAML or another. */
const OTHER_MEANING = /^(null|true|false|yes|no|on|off|y|n)$/i;

/**
 * Writes a configuration file as YAML in block style. Every text is quoted as in JSON, which YAML contains, so that no
 * path or rule is taken for something else.
 *
 * @see https://yaml.org/spec/1.2.2/ section 1.3, on JSON
 */
export function renderYaml(value: YamlMapping): string {
  return `${mappingLines(value).join('\n')}\n`;
}

function mappingLines(value: YamlMapping): readonly string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = PLAIN_NAME.test(name) && !OTHER_MEANING.test(name) ? name : JSON.stringify(name);
    if (isScalar(inner) || isEmpty(inner)) return [`${key}: ${JSON.stringify(inner)}`];
    return [`${key}:`, ...blockLines(inner).map((line) => `  ${line}`)];
  });
}

function blockLines(value: readonly YamlValue[] | YamlMapping): readonly string[] {
  if (!isSequence(value)) return mappingLines(value);
  return value.flatMap((item) => {
    if (isScalar(item) || isEmpty(item)) return [`- ${JSON.stringify(item)}`];
    return blockLines(item).map((line, place) => `${place === 0 ? '- ' : '  '}${line}`);
  });
}

const isScalar = (value: YamlValue): value is string | number | boolean | null =>
  value === null || typeof value !== 'object';

const isSequence = (value: readonly YamlValue[] | YamlMapping): value is readonly YamlValue[] =>
  Array.isArray(value);

const isEmpty = (value: readonly YamlValue[] | YamlMapping): boolean =>
  (isSequence(value) ? value : Object.keys(value)).length === 0;
