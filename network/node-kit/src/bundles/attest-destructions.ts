import { isEkoError, type ErrorCode } from '@eko/protocol';
import { LABELS, signRecord, type RecordSigner } from '@eko/protocol/crypto';
import {
  TRANSACTIONS,
  type Destruction,
  type DestructionStatement,
  type ReceiptHead,
} from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';

/** What attesting needs. */
export interface AttestDeps {
  readonly nodeId: string;
  readonly sign: RecordSigner;
  readonly ledger: Pick<Ledger, 'submit' | 'channel'>;
  /** How far the node's receipts have come, where it is a witness. */
  readonly receiptHead?: () => ReceiptHead;
}

/**
 * Puts a batch of attestations on the ledger. What is owed shrinks by the `DestructionAttested` event, so a lost
 * commit status does no harm.
 *
 * @param destructions - at most `LIMITS.attestationsPerTransaction`
 * @returns the code of the failure, or `undefined`
 * @see docs/protocol.md, "6. The end"
 */
export async function attestDestructions(
  attesting: AttestDeps,
  destructions: readonly Destruction[],
): Promise<ErrorCode | undefined> {
  const { nodeId, ledger, sign, receiptHead } = attesting;
  const said = receiptHead === undefined ? {} : { receipts: receiptHead() };
  const statement: DestructionStatement = { channel: ledger.channel, nodeId, destructions, ...said };
  const signature = signRecord(LABELS.destructionSignature, statement, sign);
  try {
    await ledger.submit(TRANSACTIONS.attestDestruction, {
      nodeId,
      destructions: [...destructions],
      ...said,
      signature,
    });
    return undefined;
  } catch (error) {
    if (isEkoError(error)) return error.code;
    throw error;
  }
}
