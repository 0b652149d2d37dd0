import { EkoError, LIMITS, type RequestStreams, type StreamPolicy } from '@eko/protocol';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { refuseSecrets, refuseSecretsCutOver, textsOf, type PublicText } from './public-text';

/**
 * Checks what a request says by itself, before anything is read. One stream's size needs no check: the schema bounds every
 * field, and the largest that it lets through is smaller than `LIMITS.requestBytes`.
 *
 * @throws EkoError `TOO_LARGE`, `SECRET_IN_METADATA`, `EXPIRY_OUT_OF_RANGE`, `POLICY_UNSATISFIABLE`
 * @see docs/protocol.md, "1. Request and consent"
 */
export function checkRequest(request: RequestStreams): void {
  checkSize(request);
  refuseSecrets(textsOfRequest(request));
  request.requests.forEach(({ permissions, labels = {} }, index) => {
    refuseSecretsCutOver(`requests.${index}.permissions`, permissions);
    refuseSecretsCutOver(`requests.${index}.labels`, Object.values(labels));
  });
  checkDuration(request.policy);
  checkWitnessNumbers(request.policy);
}

/** Whoever is a party of a bundle, or may become one, keeps its whole request. */
function checkSize(request: RequestStreams): void {
  const { wholeRequestBytes: maxBytes } = LIMITS;
  const sizeBytes = utf8Encode(encodeCanonicalJson(request)).length;
  if (sizeBytes > maxBytes)
    throw new EkoError('TOO_LARGE', `A request is at most ${maxBytes} bytes, and this one has ${sizeBytes}`, {
      details: { maxBytes, sizeBytes },
    });
}

function textsOfRequest({ policy, requests }: RequestStreams): PublicText[] {
  return [
    ...textsOf('policy.witnesses.zones', policy.witnesses.zones),
    ...textsOf('policy.witnesses.tags', policy.witnesses.tags),
    ...requests.flatMap(({ dataType, permissions, labels }, index) => [
      { field: `requests.${index}.dataType`, text: dataType },
      ...textsOf(`requests.${index}.permissions`, permissions),
      ...Object.entries(labels ?? {}).flatMap(([name, text], place) => [
        { field: `requests.${index}.labels, name ${place}`, text: name },
        // `password: x` is one thing to a reader, so a name and its text are looked at together as well.
        { field: `requests.${index}.labels, text ${place}`, text: `${name}=${text}` },
      ]),
    ]),
  ];
}

function checkDuration({ durationSeconds }: StreamPolicy): void {
  const { durationSecondsMin: min, durationSecondsMax: max } = LIMITS;
  if (durationSeconds < min || durationSeconds > max)
    throw new EkoError('EXPIRY_OUT_OF_RANGE', `policy.durationSeconds must be ${min} to ${max}`, {
      details: { min, max },
    });
}

function checkWitnessNumbers({ witnesses }: StreamPolicy): void {
  const { count, quorum, witnessesCanVerify } = witnesses;
  const refuse = (why: string): never => {
    throw new EkoError('POLICY_UNSATISFIABLE', `policy.witnesses: ${why}`, {
      details: { filter: 'quorum', count, quorum },
    });
  };
  if (quorum > count) refuse(`quorum ${quorum} is more than count ${count}`);
  if (witnessesCanVerify && count <= quorum)
    refuse(`witnesses that can verify need a count of more than quorum ${quorum}`);
}
