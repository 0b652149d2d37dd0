import { networkParty } from '@eko/command';
import { EkoError } from '@eko/protocol';
import { readPartyToken, type PartyAccess } from '@eko/sdk/rest';

/** How a person names a party: by address and token file, or as a node of the development network. */
export interface PartyChoice {
  readonly address: string | undefined;
  readonly tokenFile: string | undefined;
  readonly directory: string;
  readonly nodeId: string;
}

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
    return { address: parseAddress(address), token: await readPartyToken(tokenFile) };
  }
  if (address !== undefined || tokenFile !== undefined) {
    throw new EkoError('INVALID_ARGUMENT', 'An address needs a token file, and a token file an address', {
      details: { needed: address === undefined ? '--party' : '--token-file' },
    });
  }
  const party = await networkParty(directory, nodeId);
  return { address: new URL(party.address), token: await readPartyToken(party.tokenFile) };
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
