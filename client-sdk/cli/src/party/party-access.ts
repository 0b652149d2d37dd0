import { isMissing } from '@eko/process-kit';
import { EkoError } from '@eko/protocol';
import { readFile, stat } from 'node:fs/promises';
import { DevLayout } from '../dev/dev-layout';
import { requireNetworkFile } from '../dev/network-file';

/** Where a party's REST API is, and the token that opens it. */
export interface PartyAccess {
  readonly address: URL;
  readonly token: string;
}

/** How a person names a party: by address and token file, or as a node of the development network. */
export interface PartyChoice {
  readonly address: string | undefined;
  readonly tokenFile: string | undefined;
  readonly directory: string;
  readonly nodeId: string;
}

const READABLE_FOR_OTHERS = 0o077;
const MAX_TOKEN_BYTES = 16 * 1024;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Finds a party.
 *
 * @throws EkoError `INVALID_ARGUMENT` for half an answer or an address that would show the token to the network,
 *   `NOT_FOUND` where no development network has that party, `INVALID_CONFIG` for its token file
 */
export async function findParty(choice: PartyChoice): Promise<PartyAccess> {
  const { address, tokenFile, directory, nodeId } = choice;
  if (address !== undefined && tokenFile !== undefined) {
    return { address: parseAddress(address), token: await readToken(tokenFile) };
  }
  if (address !== undefined || tokenFile !== undefined) {
    throw new EkoError('INVALID_ARGUMENT', 'An address needs a token file, and a token file an address', {
      details: { needed: address === undefined ? '--party' : '--token-file' },
    });
  }
  const layout = new DevLayout(directory);
  const { nodes } = await requireNetworkFile(layout);
  const party = nodes.find((node) => node.role === 'party' && node.nodeId === nodeId);
  if (party === undefined) {
    throw new EkoError('NOT_FOUND', `The network in ${directory} has no party ${nodeId}`, {
      details: { nodeId },
    });
  }
  const token = await readToken(layout.node(nodeId).token);
  return { address: new URL(`http://127.0.0.1:${party.port}`), token };
}

function parseAddress(text: string): URL {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = address?.protocol === 'http:';
  if (address === undefined || (!isPlain && address.protocol !== 'https:')) {
    throw new EkoError('INVALID_ARGUMENT', '--party takes http://127.0.0.1:PORT or https://HOST:PORT');
  }
  if (isPlain && !LOOPBACK.has(address.hostname)) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      'Over plain http the token would be readable on the way: use https, or an address of this machine',
    );
  }
  return address;
}

async function readToken(file: string): Promise<string> {
  try {
    const { mode, size } = await stat(file);
    if ((mode & READABLE_FOR_OTHERS) !== 0) throw refusal(file, 'can be read by others: chmod 600 it');
    if (size > MAX_TOKEN_BYTES) throw refusal(file, 'is too large to hold a token');
    const [token] = (await readFile(file, 'utf8')).trim().split('\n');
    if (token === undefined || token === '') throw refusal(file, 'is empty');
    return token.trim();
  } catch (error) {
    if (error instanceof EkoError) throw error;
    throw refusal(file, isMissing(error) ? 'does not exist' : 'cannot be read', error);
  }
}

const refusal = (file: string, why: string, cause?: unknown): EkoError =>
  new EkoError('INVALID_CONFIG', `The token file ${file} ${why}`, { details: { file }, cause });
