import { BUNDLE_EVENTS, EVENTS } from '@eko/protocol/ledger';
import type { RawLedgerEvent } from './ledger';

/** What makes an event a node's own. */
export interface OwnEventsDeps {
  readonly nodeId: string;
  /** Whether the node keeps something of a bundle. */
  readonly knows: (bundleId: string) => boolean;
}

const NAMES: ReadonlySet<string> = new Set(BUNDLE_EVENTS);
const ESCAPE = 0x5c;
const BUNDLE_KEY = Buffer.from('"bundleId":"');
const BUNDLE_ID_BYTES = 36;

/**
 * Finds in the bytes of an event, before anybody parses them, whether it can concern a node: it names the node, or a bundle
 * that the node keeps something of. The ledger writes canonical JSON, in which a text has one form, so what is not found is
 * not there; a name that is found where it means nothing, in a note or as another's part, only has the event read. Whatever
 * is written with an escape is read too, and what speaks of nodes or of time always.
 *
 * @see BUNDLE_EVENTS
 */
export class OwnEvents {
  readonly #name: Buffer;
  readonly #knows: OwnEventsDeps['knows'];

  constructor({ nodeId, knows }: OwnEventsDeps) {
    this.#name = Buffer.from(JSON.stringify(nodeId));
    this.#knows = knows;
  }

  /** Tells whether an event must be read. */
  mayConcern({ name, payload }: RawLedgerEvent): boolean {
    if (!NAMES.has(name)) return true;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    return bytes.includes(this.#name) || bytes.includes(ESCAPE) || this.#namesKnown(bytes);
  }

  #namesKnown(bytes: Buffer): boolean {
    for (let at = bytes.indexOf(BUNDLE_KEY); at >= 0;) {
      const start = at + BUNDLE_KEY.length;
      const end = start + BUNDLE_ID_BYTES;
      if (this.#knows(bytes.toString('latin1', start, end))) return true;
      at = bytes.indexOf(BUNDLE_KEY, end);
    }
    return false;
  }
}

/** The first field, by the order of names, of a request to which a standing offer consents. */
const ASSIGNMENT = Buffer.from('{"assignment":');

/** Finds in the bytes of an event, before anybody parses them, whether it consents to a bundle, whoever is named in it. */
export function isConsent({ name, payload }: RawLedgerEvent): boolean {
  if (name !== EVENTS.streamsRequested) return name === EVENTS.streamsAccepted;
  return ASSIGNMENT.equals(payload.subarray(0, ASSIGNMENT.length));
}
