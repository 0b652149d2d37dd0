import {
  LABELS,
  LIMITS,
  TRANSACTIONS,
  isEkoError,
  signRecord,
  type Destruction,
  type DestructionStatement,
  type RecordSigner,
} from '@eko/protocol';
import type { Ledger } from '@eko/sdk';
import { attestable, type WitnessedBundle } from '../core/witnessed-bundle';

/** First epoch of every stream; later ones come with re-keying. */
const EPOCH = 1;

/** What attesting needs. */
export interface Attesting {
  readonly nodeId: string;
  readonly sign: RecordSigner;
  readonly ledger: Pick<Ledger, 'submit' | 'channel'>;
}

/** What is destroyed here, ended on the ledger and not yet attested there; at most one transaction's worth. */
export function owedAttestations(bundles: Iterable<WitnessedBundle>): readonly Destruction[] {
  const owed: Destruction[] = [];
  for (const state of bundles) {
    const streams = attestable(state);
    if (streams !== 'all' && streams.length === 0) continue;
    owed.push({
      bundleId: state.bundle.bundleId,
      epoch: EPOCH,
      streams: streams === 'all' ? 'all' : [...streams],
    });
    if (owed.length === LIMITS.attestationsPerTransaction) break;
  }
  return owed;
}

/**
 * Puts a batch of attestations on the ledger. What is owed shrinks by the `DestructionAttested` event, so a lost
 * commit status does no harm.
 * @returns the code of the failure, or `undefined`
 * @see protocol.md section 9
 */
export async function attestDestructions(
  attesting: Attesting,
  destructions: readonly Destruction[],
): Promise<string | undefined> {
  const { nodeId, ledger, sign } = attesting;
  const statement: DestructionStatement = { channel: ledger.channel, nodeId, destructions };
  const signature = signRecord(LABELS.destructionSignature, statement, sign);
  try {
    await ledger.submit(TRANSACTIONS.attestDestruction, {
      nodeId,
      destructions: [...destructions],
      signature,
    });
    return undefined;
  } catch (error) {
    if (isEkoError(error)) return error.code;
    throw error;
  }
}
