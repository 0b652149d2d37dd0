import { common } from '@hyperledger/fabric-protos';
import { buildBlock, envelopesOf, validationCodesOf } from '../../../network/embedded/src/ledger/block';

/** A block whose first transaction was changed: with the header that it had, and with one that fits. */
export function spoil(
  bytes: Uint8Array | undefined,
  change: (envelope: common.Envelope) => void,
): { readonly withOldHash: Uint8Array; readonly withOwnHash: Uint8Array } {
  const block = common.Block.deserializeBinary(bytes ?? new Uint8Array());
  const [first = new Uint8Array(), ...others] = envelopesOf(block);
  const envelope = common.Envelope.deserializeBinary(first);
  change(envelope);
  const envelopes = [envelope.serializeBinary(), ...others];
  const header = block.getHeader();
  const refitted = buildBlock(
    header?.getNumber() ?? 0,
    header?.getPreviousHash_asU8() ?? new Uint8Array(),
    envelopes,
    [...validationCodesOf(block)],
  );
  block.getData()?.setDataList(envelopes);
  return { withOldHash: block.serializeBinary(), withOwnHash: refitted.serializeBinary() };
}
