import { isEkoError, type ErrorCode } from '@eko/protocol';
import { streamAddressOf } from '@eko/sdk/node';
import type { FormerInitiator, KeptMaterial } from './former-initiator';
import type { OldSession } from './old-session';
import type { Timeline } from './timeline';

/** One way to try to get back in. */
export interface Way {
  readonly name: string;
  /** The reasons that count as a refusal; anything else fails the demo. */
  readonly reasons: readonly ErrorCode[];
  attempt(turn: number): Promise<unknown>;
}

const TURNS = 4;

/**
 * Tries every way back into a revoked stream, four times each, and claims of each that all were refused for the reason
 * that it should be.
 */
export async function tryToReturn(
  former: FormerInitiator,
  kept: KeptMaterial,
  session: OldSession,
  witnesses: readonly string[],
  timeline: Timeline,
): Promise<void> {
  for (const way of waysBack(former, kept, session, witnesses)) {
    const answers: string[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) answers.push(await reasonOf(way, turn));
    const held = answers.every((answer) => way.reasons.some((reason) => reason === answer));
    timeline.claim(`no way back with ${way.name}`, held, `${answers.length} tries: ${countOf(answers)}`);
  }
}

/** Every way back into a stream that somebody could try who was one of its parties. */
export function waysBack(
  former: FormerInitiator,
  kept: KeptMaterial,
  session: OldSession,
  witnesses: readonly string[],
): readonly Way[] {
  const witness = (turn: number): string => witnesses[turn % witnesses.length] ?? '';
  return [
    {
      name: 'the old key',
      reasons: ['HANDSHAKE_REFUSED'],
      attempt: async () => (await former.connect(kept)).destroy(),
    },
    {
      name: 'the old TLS session ticket',
      reasons: ['HANDSHAKE_REFUSED'],
      attempt: () => session.resume(streamAddressOf(kept.provider)),
    },
    {
      name: 'a fresh release request',
      reasons: ['STREAM_ENDED'],
      attempt: () => former.askForPermit(kept.stream),
    },
    {
      name: 'an old permit',
      // Once a witness has attested the destruction it forgets the stream, and every permit for it.
      reasons: ['STREAM_ENDED', 'NO_PERMIT'],
      attempt: (turn) => former.askForShares(witness(turn), kept),
    },
    {
      name: 'a replayed envelope',
      reasons: ['STREAM_ENDED', 'FORBIDDEN'],
      attempt: async (turn) => {
        const envelope = kept.envelopes[turn % kept.envelopes.length];
        if (envelope === undefined) throw new TypeError('an envelope of each dealer was kept');
        await former.replayEnvelope(witness(turn), envelope);
      },
    },
  ];
}

/** Why an attempt was refused, or that it was not. */
export async function reasonOf(way: Way, turn: number): Promise<string> {
  try {
    await way.attempt(turn);
    return 'LET IN';
  } catch (error) {
    if (isEkoError(error)) return error.code;
    throw error;
  }
}

/** `4 x STREAM_ENDED` */
function countOf(answers: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].map(([answer, count]) => `${count} x ${answer}`).join(', ');
}
