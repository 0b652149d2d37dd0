import { EkoError } from '../errors';
import { LIMITS } from '../limits';

/** An endpoint in its parts; `host` is lower case, an address without brackets for IPv6. */
export interface ParsedEndpoint {
  readonly host: string;
  readonly port: number;
}

const FORM =
  /^https:\/\/(?:([a-z0-9](?:[a-z0-9.-]{0,178}[a-z0-9])?)|\[([0-9a-f:]{2,45})\])(?::([1-9][0-9]{0,4}))$/;
const DOTTED =
  /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$/;

/**
 * Takes a node's endpoint apart: `https://host:port` and nothing else; no user, path, query or fragment, no numeric
 * short forms (`127.1`, `0x7f.1`), an explicit port of 1024 or more, or 443.
 * @throws EkoError `INVALID_ENDPOINT`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function parseEndpoint(text: string): ParsedEndpoint {
  return parseHostAndPort(text, 'An endpoint is https://host:port in lower case');
}

/**
 * Takes the address of a provider's streams apart: `host:port`, by the rules of an endpoint, but a name may have upper
 * case letters, which mean nothing in it.
 * @throws EkoError `INVALID_ENDPOINT`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function parseStreamAddress(text: string): ParsedEndpoint {
  return parseHostAndPort(`https://${text.toLowerCase()}`, 'An address for streams is host:port');
}

function parseHostAndPort(text: string, form: string): ParsedEndpoint {
  const refuse = (why: string): never => {
    throw new EkoError('INVALID_ENDPOINT', `${form}; ${why}`);
  };
  if (text.length > LIMITS.endpointCharacters) refuse(`at most ${LIMITS.endpointCharacters} characters`);
  const match = FORM.exec(text);
  if (match === null) return refuse('this one has another form');
  const port = Number(match[3]);
  if (port > 65535 || (port < 1024 && port !== 443)) refuse('the port must be 443 or 1024 to 65535');
  if (match[2] !== undefined) {
    if (match[2].startsWith('::ffff:')) refuse('an IPv4 address is written in its own form');
    return { host: match[2], port };
  }
  const host = match[1] ?? '';
  const lastLabel = host.slice(host.lastIndexOf('.') + 1);
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(lastLabel) && !DOTTED.test(host))
    refuse('the address is not a dotted quad');
  if (host.includes('..') || /(^|\.)xn--/.test(host)) refuse('the host name is not plain ASCII labels');
  return { host, port };
}
