import fc from 'fast-check';
import { liveRequest } from '../../support/in-process/live-parties';

/** Text that must come back in no answer, in the shapes of what people paste by mistake. */
export const PLANTED_SECRETS = [
  'password=hunter2-hunter2',
  `-----BEGIN PRIVATE KEY-----${'A'.repeat(30)}`,
  '8f'.repeat(32),
  `eyJ${'h'.repeat(20)}.${'p'.repeat(20)}.${'s'.repeat(20)}`,
] as const;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const oddValue: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...PLANTED_SECRETS),
  fc.constantFrom<Json>(null, true, '', '0x10', '5', 1.5, -1, 0, 2 ** 53, 1e300, [], {}),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json),
);

/** Every place in a document, as the names and numbers that lead there. */
function placesIn(value: Json, place: readonly string[] = []): readonly (readonly string[])[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [place, ...inner.flatMap(([name, part]) => placesIn(part, [...place, name]))];
}

function replacedAt(value: Json, [name, ...rest]: readonly string[], by: Json | undefined): Json | undefined {
  if (name === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const parts = new Map(Object.entries(value));
  const part = replacedAt(parts.get(name) ?? null, rest, by);
  if (part === undefined) parts.delete(name);
  else parts.set(name, part);
  return Array.isArray(value) ? [...parts.values()] : Object.fromEntries(parts);
}

/** Documents that are valid, nearly valid (one part replaced, missing or added), or anything. */
export function hostileBody(valid: Json): fc.Arbitrary<Json> {
  const places = placesIn(valid);
  const changed = fc
    .tuple(fc.constantFrom(...places), fc.option(oddValue, { nil: undefined }))
    .map(([place, by]) => replacedAt(valid, place, by) ?? {});
  const added = fc
    .tuple(fc.constantFrom(...places), fc.oneof(fc.constantFrom(...PLANTED_SECRETS), fc.string()), oddValue)
    .map(([place, name, by]) => replacedAt(valid, [...place, name], by) ?? {});
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(valid) },
    { weight: 4, arbitrary: changed },
    { weight: 3, arbitrary: added },
    { weight: 2, arbitrary: oddValue },
  );
}

/** A valid request for streams, without types. */
export const validRequest = (): Json => JSON.parse(JSON.stringify(liveRequest())) as Json;
