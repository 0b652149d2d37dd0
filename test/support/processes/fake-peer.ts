import {
  Metadata,
  Server,
  ServerCredentials,
  credentials,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import { CertificateAuthority } from '@eko/msp';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { once } from 'node:events';

const { Type } = peer.ChaincodeMessage;
const CHANNEL = 'mychannel';
const DEADLINE_MS = 20_000;
/** No conversation of a test lasts longer. */
const LIFE_MS = 120_000;

type Message = peer.ChaincodeMessage;
type Stream = ClientDuplexStream<Message, Message> | ServerDuplexStream<Message, Message>;

/** What a chaincode answered to a call. */
export interface ChaincodeAnswer {
  readonly status: number;
  readonly message: string;
  readonly payload: string;
}

/** The peer's side of a conversation with one chaincode, without a ledger: enough for what reads no state. */
export class FakePeer {
  static readonly #open = new Set<FakePeer>();
  readonly #stream: Stream;
  readonly #close: () => void;
  #calls = 0;

  /** The name under which the chaincode registered: its package ID. */
  readonly chaincodeId: string;

  private constructor(stream: Stream, chaincodeId: string, close: () => void) {
    this.#stream = stream;
    this.chaincodeId = chaincodeId;
    this.#close = close;
    FakePeer.#open.add(this);
  }

  /** Hangs up on every chaincode, as the end of a test does. */
  static closeAll(): void {
    for (const each of FakePeer.#open) each.#close();
    FakePeer.#open.clear();
  }

  /**
   * Connects to a chaincode that runs as a service, as soon as it listens.
   *
   * @param waits - `false` to fail at the first refusal
   */
  static async connectTo(
    address: string,
    channelCredentials: ChannelCredentials = credentials.createInsecure(),
    { waits = true } = {},
  ): Promise<FakePeer> {
    const client = new peer.ChaincodeClient(address, channelCredentials);
    const stream = client.connect(new Metadata({ waitForReady: waits }), { deadline: Date.now() + LIFE_MS });
    // Whoever waits for a message hears of an error; between messages it is of no interest.
    stream.on('error', () => undefined);
    const close = () => {
      stream.cancel();
      client.close();
    };
    try {
      return new FakePeer(stream, await register(stream), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  /**
   * Listens as a peer does for a chaincode that it started itself, starts it, and waits until it registers.
   *
   * @param start - starts the chaincode, given the peer's address
   */
  static async waitFor(start: (peerAddress: string) => void): Promise<FakePeer> {
    const server = new Server();
    const registering = new Promise<Stream>((resolve) =>
      server.addService(peer.ChaincodeSupportService, { register: resolve }),
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    const close = () => server.forceShutdown();
    try {
      start(`127.0.0.1:${port}`);
      const stream = await within(registering, 'the chaincode to call its peer');
      return new FakePeer(stream, await register(stream), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  /** Sends what a peer sends every `chaincode.keepalive` where that is not 0. */
  keepAlive(): void {
    this.#stream.write(messageOf(Type.KEEPALIVE));
  }

  /** Calls a function of the chaincode. */
  async call(...args: readonly string[]): Promise<ChaincodeAnswer> {
    const txId = `tx-${(this.#calls += 1)}`;
    const input = new peer.ChaincodeInput();
    input.setArgsList(args.map((each) => Buffer.from(each)));
    const message = messageOf(Type.TRANSACTION, input.serializeBinary());
    message.setTxid(txId);
    message.setChannelId(CHANNEL);
    message.setProposal(await proposalOf(txId));
    this.#stream.write(message);
    const answer = await nextMessage(this.#stream);
    if (answer.getType() !== Type.COMPLETED || answer.getTxid() !== txId) {
      throw new Error(`expected the end of ${txId}, got message type ${answer.getType()}`);
    }
    const response = peer.Response.deserializeBinary(answer.getPayload_asU8());
    return {
      status: response.getStatus(),
      message: response.getMessage(),
      payload: Buffer.from(response.getPayload_asU8()).toString('utf8'),
    };
  }
}

/** The opening of every conversation: the chaincode names itself, the peer accepts and is ready. */
async function register(stream: Stream): Promise<string> {
  const opening = await nextMessage(stream);
  if (opening.getType() !== Type.REGISTER) throw new Error(`expected REGISTER, got ${opening.getType()}`);
  stream.write(messageOf(Type.REGISTERED));
  stream.write(messageOf(Type.READY));
  return peer.ChaincodeID.deserializeBinary(opening.getPayload_asU8()).getName();
}

/** A proposal of somebody, as far as the shim looks into one; nobody checks its signature. */
async function proposalOf(txId: string): Promise<peer.SignedProposal> {
  const creator = new msp.SerializedIdentity();
  creator.setMspid('Org1MSP');
  creator.setIdBytes(Buffer.from(await callerCertificate()));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator.serializeBinary());
  signatureHeader.setNonce(Buffer.from(txId));
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(CHANNEL);
  channelHeader.setTxId(txId);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(Buffer.from('not looked into'));
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  return signed;
}

let caller: Promise<string> | undefined;

function callerCertificate(): Promise<string> {
  caller ??= CertificateAuthority.create('ca', 'org1')
    .then((authority) => authority.issue({ commonName: 'caller', role: 'client' }))
    .then(({ certificatePem }) => certificatePem);
  return caller;
}

async function nextMessage(stream: Stream): Promise<Message> {
  const [message] = (await once(stream, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })) as [Message];
  return message;
}

function messageOf(type: number, payload?: Uint8Array): Message {
  const message = new peer.ChaincodeMessage();
  message.setType(type as Parameters<Message['setType']>[0]);
  if (payload !== undefined) message.setPayload(payload);
  return message;
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const late = new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(new Error(`waited ${DEADLINE_MS} ms for ${what}`)), {
      once: true,
    }),
  );
  return Promise.race([promise, late]);
}
