import { EkoError } from '@eko/protocol';
import { secretKindOf, secretKindOfAll, secretKindOfHost } from '@eko/protocol/encoding';

/** Text on its way to the ledger, with the name of its field. */
export interface PublicText {
  readonly field: string;
  readonly text: string;
}

/** The texts of a list, each with its place. */
export const textsOf = (field: string, texts: readonly string[] = []): PublicText[] =>
  texts.map((text, place) => ({ field: `${field}.${place}`, text }));

/** A text that may be absent. */
export const textOf = (field: string, text: string | undefined): PublicText[] =>
  text === undefined ? [] : [{ field, text }];

/**
 * Refuses text that looks like a secret: a ledger is public to its members for ever.
 * @throws EkoError `SECRET_IN_METADATA` naming the field and the kind, never the text
 */
export function refuseSecrets(texts: readonly PublicText[]): void {
  for (const { field, text } of texts) refuseKind(field, secretKindOf(text));
}

/**
 * Refuses texts of one list that look like a secret together, each being only a part of it.
 * @throws EkoError as `refuseSecrets`
 */
export function refuseSecretsCutOver(field: string, texts: readonly string[]): void {
  refuseKind(field, secretKindOfAll(texts));
}

/**
 * Refuses a host that looks like a secret.
 * @throws EkoError as `refuseSecrets`
 */
export function refuseSecretHost(field: string, host: string): void {
  refuseKind(field, secretKindOfHost(host));
}

function refuseKind(field: string, kind: string | undefined): void {
  if (kind === undefined) return;
  throw new EkoError('SECRET_IN_METADATA', `Field ${field} looks like ${kind}: the ledger is for metadata`, {
    details: { field, kind },
  });
}
