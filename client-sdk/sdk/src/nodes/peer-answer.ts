import { PROBLEM_MEDIA_TYPE, decodeMessage, decodeProblem, mediaTypeOf } from '@eko/protocol/rest';
import { fits, parseStrictJson, utf8Decode, type Static, type TSchema } from '@eko/protocol/encoding';
import { unavailable, type RawPeerAnswer } from './peer-exchange';

/** Answers carry a little more nesting than requests: a page of records with their parts. */
const MAX_DEPTH = 16;
const SUCCESS = 200;

/**
 * Reads what a peer answered: the value that was asked for, or the peer's own error.
 *
 * @throws EkoError the peer's code with its name in the details; `PEER_UNAVAILABLE` if the answer is neither
 */
export function parsePeerAnswer<Answer extends TSchema>(
  peer: string,
  answer: RawPeerAnswer,
  schema: Answer,
): Static<Answer> {
  const [mediaType = ''] = answer.contentType.split(';', 1);
  if (answer.status === SUCCESS && mediaType === mediaTypeOf(schema)) {
    const value = readAs(peer, () => decodeMessage(schema, answer.body, MAX_DEPTH));
    if (fits(schema, value)) return value;
    throw unavailable(peer, 'answer does not fit');
  }
  const problem =
    mediaType === PROBLEM_MEDIA_TYPE
      ? decodeProblem(
          readAs(peer, () => parseJson(answer.body)),
          { peer },
        )
      : undefined;
  throw problem ?? unavailable(peer, `status ${answer.status}`);
}

function parseJson(body: Uint8Array): unknown {
  return parseStrictJson(utf8Decode(body), { maxBytes: body.length, maxDepth: MAX_DEPTH });
}

function readAs(peer: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw unavailable(peer, 'answer is not strict JSON', error);
  }
}
