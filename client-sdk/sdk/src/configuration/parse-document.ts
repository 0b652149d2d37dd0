import { EkoError } from '@eko/protocol';
import { parseStrictJson, type JsonLimits } from '@eko/protocol/encoding';

/**
 * Parses a document that people write as YAML 1.2 or JSON. A key given twice is an error, and aliases are refused: they
 * make a small text large.
 *
 * @param what - what the text is, for the message ("The configuration file /etc/x.yaml")
 * @throws EkoError `INVALID_CONFIG` if it is neither, or larger than `limits.maxBytes`
 */
export async function parseDocument(text: string, what: string, limits: JsonLimits): Promise<unknown> {
  try {
    return parseStrictJson(text, limits);
  } catch {
    // Not JSON, or not sound: YAML has every JSON text in it and says what is wrong. Loaded here only, because a node
    // with a JSON file starts without it.
    const yaml = await import('yaml');
    if (Buffer.byteLength(text) > limits.maxBytes) {
      throw new EkoError('INVALID_CONFIG', `${what} is larger than ${limits.maxBytes} bytes`);
    }
    try {
      return yaml.parse(text, { uniqueKeys: true, maxAliasCount: 0, version: '1.2', logLevel: 'error' });
    } catch (cause) {
      throw new EkoError('INVALID_CONFIG', `${what} is neither YAML nor JSON`, { cause });
    }
  }
}
