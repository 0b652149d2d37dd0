import { Type, type Static } from '@sinclair/typebox';
import { EkoError, ERROR_CODES, isErrorCode, type ErrorDetails } from '../errors';

/** Media type of an error over HTTP. @see RFC 9457 */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const TYPE_PREFIX = 'urn:eko:error:';
const MAX_DETAILS = 16;
const MAX_CHARACTERS = 300;

/** An error as it goes over HTTP; the error's details stand beside the members named here. @see RFC 9457 */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
});
export type Problem = Static<typeof Problem> & ErrorDetails;

const RESERVED: ReadonlySet<string> = new Set(Object.keys(Problem.properties));

/** An error as a problem document; a detail that has the name of one of the document's own members is left out. */
export function encodeProblem(error: EkoError): Problem {
  return {
    ...Object.fromEntries(Object.entries(error.details).filter(([name]) => !RESERVED.has(name))),
    type: TYPE_PREFIX + error.code,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status: ERROR_CODES[error.code].status,
    code: error.code,
    detail: error.message,
  };
}

/**
 * Reads a problem document that somebody else wrote: only known codes count, and only so much of the text.
 *
 * @param extra - what the reader adds to the details: who answered
 * @returns `undefined` if it is no problem document of ours
 */
export function decodeProblem(value: unknown, extra: ErrorDetails = {}): EkoError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, detail } = value as { readonly code?: unknown; readonly detail?: unknown };
  if (typeof code !== 'string' || !isErrorCode(code)) return undefined;
  const details = Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !RESERVED.has(name) && name.length <= MAX_CHARACTERS && isDetail(member))
      .slice(0, MAX_DETAILS),
  ) as ErrorDetails;
  const message = typeof detail === 'string' ? detail.slice(0, MAX_CHARACTERS) : code;
  return new EkoError(code, message, { details: { ...details, ...extra } });
}

function isDetail(member: unknown): boolean {
  if (Array.isArray(member)) {
    return member.length <= MAX_DETAILS && member.every((item) => typeof item === 'string' && isDetail(item));
  }
  if (typeof member === 'string') return member.length <= MAX_CHARACTERS;
  return typeof member === 'number' || typeof member === 'boolean';
}
