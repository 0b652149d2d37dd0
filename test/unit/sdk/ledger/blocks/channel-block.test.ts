import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { EVENTS } from '@eko/protocol/ledger';
import { decodeChannelBlock } from '../../../../../client-sdk/sdk/dist/ledger/blocks/channel-block';
import { newTimestamp } from '../../../../../network/embedded/src/messages/well-known-messages';
import { codedError } from '../../../../support/coded-error';

const CHAINCODE = 'eko';
const TX_ID = 'a'.repeat(64);
const BEAT = '{"atUnixMs":7,"nodeId":"witness-1"}';
const BLOCK_NUMBER = 300_000;
const TIME_UNIX_MS = 1_800_000_000_123;
const SUBMITTER = { mspId: 'Org1MSP', certificatePem: 'a certificate' };
const SUBMITTED = { timeUnixMs: TIME_UNIX_MS, submitter: SUBMITTER };

interface Sample {
  readonly type?: number;
  readonly chaincode?: string;
  readonly writes?: readonly string[];
  readonly payload?: string;
}

/** An envelope as Fabric's own encoder writes it. */
function envelope({ type = 3, chaincode = CHAINCODE, writes = [], payload = BEAT }: Sample = {}): Uint8Array {
  const set = new ledger.rwset.kvrwset.KVRWSet();
  set.setWritesList(
    writes.map((key) => {
      const write = new ledger.rwset.kvrwset.KVWrite();
      write.setKey(key);
      write.setValue(Buffer.from('{}'));
      return write;
    }),
  );
  const namespace = new ledger.rwset.NsReadWriteSet();
  namespace.setNamespace(chaincode);
  namespace.setRwset(set.serializeBinary());
  const results = new ledger.rwset.TxReadWriteSet();
  results.setNsRwsetList([namespace]);
  const event = new peer.ChaincodeEvent();
  event.setChaincodeId(chaincode);
  event.setTxId(TX_ID);
  event.setEventName(EVENTS.heartbeat);
  event.setPayload(Buffer.from(payload));
  const action = new peer.ChaincodeAction();
  action.setResults(results.serializeBinary());
  action.setEvents(event.serializeBinary());
  const response = new peer.ProposalResponsePayload();
  response.setProposalHash(Buffer.from('hash'));
  response.setExtension$(action.serializeBinary());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response.serializeBinary());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(Buffer.from('proposal'));
  actionPayload.setAction(endorsed);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setHeader(Buffer.from('header'));
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([transactionAction]);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(type);
  channelHeader.setTxId(TX_ID);
  const timestamp = newTimestamp({
    seconds: Math.floor(TIME_UNIX_MS / 1_000),
    // With a part of a millisecond, which nobody counts.
    nanos: (TIME_UNIX_MS % 1_000) * 1_000_000 + 999_999,
  });
  channelHeader.setTimestamp(timestamp as Parameters<typeof channelHeader.setTimestamp>[0]);
  const identity = new msp.SerializedIdentity();
  identity.setMspid(SUBMITTER.mspId);
  identity.setIdBytes(Buffer.from(SUBMITTER.certificatePem));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(identity.serializeBinary());
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const whole = new common.Payload();
  whole.setHeader(header);
  whole.setData(transaction.serializeBinary());
  const result = new common.Envelope();
  result.setPayload(whole.serializeBinary());
  return result.serializeBinary();
}

function block(codes: readonly number[], ...envelopes: readonly Uint8Array[]): Uint8Array {
  const header = new common.BlockHeader();
  header.setNumber(BLOCK_NUMBER);
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([new Uint8Array(), new Uint8Array(), Uint8Array.from(codes)]);
  const result = new common.Block();
  result.setHeader(header);
  result.setData(data);
  result.setMetadata(metadata);
  return result.serializeBinary();
}

describe('a block of a channel', () => {
  it('is read as number, places, keys and events of one chaincode', () => {
    const bytes = block(
      [0, 0, 11, 0],
      envelope({ type: 1 }),
      envelope({ writes: ['end/b', 'heartbeat/witness-1'] }),
      envelope({ writes: ['end/b'] }),
      envelope({ chaincode: 'other', writes: ['end/b'] }),
    );
    expect(decodeChannelBlock(bytes, CHAINCODE)).toEqual({
      number: BigInt(BLOCK_NUMBER),
      transactions: [
        {
          txId: TX_ID,
          index: 1,
          validationCode: 0,
          ...SUBMITTED,
          writes: ['end/b', 'heartbeat/witness-1'].map((key) => ({ key, value: Buffer.from('{}') })),
          event: {
            name: EVENTS.heartbeat,
            blockNumber: BigInt(BLOCK_NUMBER),
            txId: TX_ID,
            payload: { nodeId: 'witness-1', atUnixMs: 7 },
          },
        },
        { txId: TX_ID, index: 2, validationCode: 11, ...SUBMITTED, writes: [], event: undefined },
        { txId: TX_ID, index: 3, validationCode: 0, ...SUBMITTED, writes: [], event: undefined },
      ],
    });
  });

  it('counts nothing that its peer has not validated', () => {
    const { transactions } = decodeChannelBlock(block([], envelope({ writes: ['end/b'] })), CHAINCODE);
    expect(transactions).toMatchObject([{ validationCode: 254, writes: [] }]);
  });

  it('is refused where it is cut short', () => {
    const bytes = block([0], envelope());
    for (const length of [1, 9, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const refusal = codedError(() => decodeChannelBlock(bytes.subarray(0, length), CHAINCODE));
      expect(refusal.code).toBe('CORRUPT_RECORD');
    }
  });

  it.each(['{}', 'no JSON'])('is read, though one event is %s, which is said', (payload) => {
    const { transactions } = decodeChannelBlock(block([0, 0], envelope({ payload }), envelope()), CHAINCODE);
    expect(transactions).toMatchObject([
      { event: undefined, unreadable: expect.stringContaining('Heartbeat') as string },
      { event: { name: EVENTS.heartbeat } },
    ]);
  });
});
