import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { AccessDenied, hasExpired, type Membership } from '@eko/msp';
import { type CommittedBlock, type CommittedTransaction } from '../ledger/committed-block';
import type { Ledger } from '../ledger/ledger';
import { decode } from '../messages/proposal';
import { pump, type WritableCall } from './server-stream';
import { parseStartPosition } from './start-position';

type DeliverCall = WritableCall<peer.DeliverResponse> & NodeJS.ReadableStream & { end(): void };

/** What the block service works with. */
export interface DeliverServiceOptions {
  readonly channelId: string;
  readonly ledger: Ledger;
  readonly membership: Membership;
}

/** Makes the handlers of Fabric's `protos.Deliver` service: whole and filtered blocks, from a given one on. */
export function deliverService(options: DeliverServiceOptions): UntypedServiceImplementation {
  const deliver =
    (toResponse: (block: CommittedBlock) => peer.DeliverResponse) =>
    (call: DeliverCall): void => {
      call.once('data', (envelope: common.Envelope) => {
        void pump(call, async function* (signal) {
          const seek = parseSeek(options, envelope);
          if (seek.refusal !== undefined) {
            const response = new peer.DeliverResponse();
            response.setStatus(seek.refusal);
            yield response;
            return;
          }
          const { start, stop } = seek;
          for await (const block of options.ledger.blocksFrom(start, signal)) {
            yield toResponse(block);
            if (block.blockNumber >= stop) return;
          }
        });
      });
    };

  return {
    deliver: deliver(({ block }) => {
      const response = new peer.DeliverResponse();
      response.setBlock(block);
      return response;
    }),
    deliverFiltered: deliver((block) => {
      const response = new peer.DeliverResponse();
      response.setFilteredBlock(toFilteredBlock(options.channelId, block));
      return response;
    }),
    deliverWithPrivateData: deliver(({ block }) => {
      const withPrivateData = new peer.BlockAndPrivateData();
      withPrivateData.setBlock(block);
      const response = new peer.DeliverResponse();
      response.setBlockAndPrivateData(withPrivateData);
      return response;
    }),
  };
}

/** Which blocks are wanted, or the status with which they are refused: deliveries have no other answer to a refusal. */
type Seek =
  | { readonly refusal: common.StatusMap[keyof common.StatusMap] }
  | { readonly refusal: undefined; readonly start: number; readonly stop: number };

function parseSeek(
  { channelId, ledger, membership }: DeliverServiceOptions,
  envelope: common.Envelope,
): Seek {
  const { channel, creator, seek } = decode('seek request', () => {
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = payload.getHeader() ?? new common.Header();
    return {
      channel: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
      creator: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8(),
      seek: orderer.SeekInfo.deserializeBinary(payload.getData_asU8()),
    };
  });
  if (channel.getChannelId() !== channelId) return { refusal: common.Status.NOT_FOUND };
  try {
    const member = membership.authenticate(creator, envelope.getPayload_asU8(), envelope.getSignature_asU8());
    if (hasExpired(member)) return { refusal: common.Status.FORBIDDEN };
  } catch (error) {
    if (error instanceof AccessDenied) return { refusal: common.Status.FORBIDDEN };
    throw error;
  }
  return {
    refusal: undefined,
    start: parseStartPosition(seek.getStart(), ledger.height),
    stop: seek.getStop()?.getSpecified()?.getNumber() ?? Number.MAX_SAFE_INTEGER,
  };
}

function toFilteredBlock(
  channelId: string,
  { blockNumber, transactions }: CommittedBlock,
): peer.FilteredBlock {
  const filtered = new peer.FilteredBlock();
  filtered.setChannelId(channelId);
  filtered.setNumber(blockNumber);
  filtered.setFilteredTransactionsList(transactions.map(toFilteredTransaction));
  return filtered;
}

/** A filtered block tells of an event its name, not its payload. */
function toFilteredTransaction({ transaction, code }: CommittedTransaction): peer.FilteredTransaction {
  const filtered = new peer.FilteredTransaction();
  filtered.setTxid(transaction.txId);
  filtered.setType(common.HeaderType.ENDORSER_TRANSACTION);
  filtered.setTxValidationCode(code);
  const actions = new peer.FilteredTransactionActions();
  if (transaction.event !== undefined) {
    const event = peer.ChaincodeEvent.deserializeBinary(transaction.event);
    event.setPayload(new Uint8Array());
    const action = new peer.FilteredChaincodeAction();
    action.setChaincodeEvent(event);
    actions.addChaincodeActions(action);
  }
  filtered.setTransactionActions(actions);
  return filtered;
}
