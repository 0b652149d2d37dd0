import { isWellFormedText } from '@eko/protocol/encoding';
import { peer } from '@hyperledger/fabric-protos';

/** What a key is sent to a peer in. */
type Request = 'GET_STATE' | 'PUT_STATE' | 'DEL_STATE' | 'GET_STATE_BY_RANGE' | 'GET_HISTORY_FOR_KEY';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A key as it arrives at a peer. Chaincode sends keys as protobuf strings, and the shim's encoder makes of half a
 * surrogate pair either bytes that are no UTF-8, which a peer refuses, or nothing at all.
 *
 * @throws Error in the peer's words
 */
export function carriedKey(key: string, request: Request, txId: string): string {
  if (isWellFormedText(key)) return key;
  const message = new peer.DelState();
  message.setKey(key);
  try {
    return UTF8.decode(fieldContent(message.serializeBinary()));
  } catch {
    // The decoder's own text is not the peer's.
    throw new Error(
      `${request} failed: transaction ID: ${txId}: unmarshal failed: string field contains invalid UTF-8`,
    );
  }
}

/** What follows the tag and the length of a message's only field. */
function fieldContent(message: Uint8Array): Uint8Array {
  const lastOfLength = message.findIndex((byte, place) => place > 0 && byte < 0x80);
  return message.subarray(lastOfLength + 1);
}
