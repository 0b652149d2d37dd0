import { gateway, peer } from '@hyperledger/fabric-protos';
import type { CommittedBlock } from '../ledger/committed-block';

const { VALID } = peer.TxValidationCode;

/** Picks one chaincode's events out of blocks, for one subscriber. */
export class ChaincodeEventFilter {
  readonly #chaincodeName: string;
  readonly #afterTxId: string;
  #isPast: boolean;

  /** @param afterTxId the last transaction that the subscriber has seen; empty when it has seen none */
  constructor(chaincodeName: string, afterTxId: string) {
    this.#chaincodeName = chaincodeName;
    this.#afterTxId = afterTxId;
    this.#isPast = afterTxId === '';
  }

  /** The answer for one block; nothing when no event of it is wanted. */
  responseFor({ blockNumber, transactions }: CommittedBlock): gateway.ChaincodeEventsResponse | undefined {
    const events: peer.ChaincodeEvent[] = [];
    for (const { transaction, code } of transactions) {
      if (code !== VALID) continue;
      const isWanted = this.#isPast && transaction.chaincodeName === this.#chaincodeName;
      this.#isPast ||= transaction.txId === this.#afterTxId;
      if (isWanted && transaction.event !== undefined) {
        events.push(peer.ChaincodeEvent.deserializeBinary(transaction.event));
      }
    }
    if (events.length === 0) return undefined;
    const response = new gateway.ChaincodeEventsResponse();
    response.setBlockNumber(blockNumber);
    response.setEventsList(events);
    return response;
  }
}
