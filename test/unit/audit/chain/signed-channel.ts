import { createPrivateKey, type KeyObject } from 'node:crypto';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { CertificateAuthority } from '@eko/msp';
import { signLowS } from '../../../../client-sdk/protocol/src/node/ecdsa-signature';
import { buildBlock, encodeHeader, hashHeader } from '../../../../network/embedded/src/ledger/block';
import {
  hashProposal,
  parseProposal,
  type Proposal,
} from '../../../../network/embedded/src/messages/proposal';
import { buildProposal, encodeCreator } from '../../../../network/embedded/src/messages/proposal-builder';
import { encodeProposalResponsePayload } from '../../../../network/embedded/src/messages/proposal-response';
import { assembleTransaction } from '../../../../network/embedded/src/messages/transaction';
import { issueOddCertificate, type OddCertificate } from '../../../support/data/certificates';
import {
  allOf,
  anyOf,
  identityPrincipal,
  majorityOf,
  mspConfig,
  rolePrincipal,
  setGroup,
  setPolicy,
  setValue,
  signaturePolicy,
} from './channel-configuration';

/** Somebody who signs: a client, a peer, an orderer. */
export interface Signer {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly identity: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** What a transaction is made of, where it is not the usual. */
export interface TransactionChange {
  readonly chaincode?: string;
  readonly namespace?: string;
  readonly key?: string;
  readonly value?: Uint8Array;
  /** Where what it read of its key was written: block and place. */
  readonly read?: readonly [blockNumber: number, index: number] | 'nothing';
  /** It writes nothing. */
  readonly isReading?: boolean;
  /** The chaincode that an event of it says to be of. */
  readonly eventOf?: string;
  readonly endorsers?: readonly Signer[];
  readonly client?: Signer;
  /** Who signs what the client's header names. */
  readonly signer?: Signer;
  readonly channel?: string;
  /** What follows in the header that its client has written. */
  readonly atEndOfHeader?: Uint8Array;
  /** What follows in the payload that its client has signed. */
  readonly atEndOfPayload?: Uint8Array;
}

/** How orderers sign: one of them, by name; or most of them, by number. */
export type Ordering = 'raft' | 'bft' | 'none';

const ORGANISATIONS = ['Org1MSP', 'Org2MSP', 'Org3MSP', 'Org4MSP'] as const;
const ORDERERS = 4;
const CHANNEL = 'signed';
/** An authority that every organisation trusts beside its own, and nobody uses. */
const RETIRED = 'retired';
const MAJORITY = 3;

/** A channel of four organisations and four orderers, made by Fabric's own encoders, whose blocks a test can spoil. */
export class SignedChannel {
  static readonly channel = CHANNEL;
  readonly client: Signer;
  readonly peers: readonly Signer[];
  readonly orderers: readonly Signer[];
  readonly #ordering: Ordering;
  readonly #authorities: ReadonlyMap<string, CertificateAuthority>;
  #number = 0;
  #lastHash: Uint8Array = new Uint8Array();

  private constructor(
    ordering: Ordering,
    parts: Pick<SignedChannel, 'client' | 'peers' | 'orderers'> & {
      authorities: ReadonlyMap<string, CertificateAuthority>;
    },
  ) {
    this.#ordering = ordering;
    this.#authorities = parts.authorities;
    ({ client: this.client, peers: this.peers, orderers: this.orderers } = parts);
  }

  static async create(ordering: Ordering): Promise<SignedChannel> {
    const authorities = new Map<string, CertificateAuthority>();
    for (const mspId of [...ORGANISATIONS, 'OrdererMSP', RETIRED])
      authorities.set(mspId, await CertificateAuthority.create(`ca.${mspId}`, mspId));
    const issue = (mspId: string, unit: string) =>
      newSigner(authorities.get(mspId), mspId, { units: [unit] });
    return new SignedChannel(ordering, {
      client: await issue('Org1MSP', 'client'),
      peers: await Promise.all(ORGANISATIONS.map((mspId) => issue(mspId, 'peer'))),
      orderers: await Promise.all(Array.from({ length: ORDERERS }, () => issue('OrdererMSP', 'orderer'))),
      authorities,
    });
  }

  /** The same people, with no block yet. */
  fresh(): SignedChannel {
    return new SignedChannel(this.#ordering, this.#people());
  }

  /** Somebody whom an organisation's own authority has given such a certificate. */
  issue(mspId: string, certificate: OddCertificate): Promise<Signer> {
    return newSigner(this.#authorities.get(mspId), mspId, certificate);
  }

  /** The first block: who the channel is of. */
  genesis(): Uint8Array {
    const data = new common.ConfigEnvelope();
    const config = new common.Config();
    config.setChannelGroup(this.#channelGroup());
    data.setConfig(config);
    const channel = new common.ChannelHeader();
    channel.setType(common.HeaderType.CONFIG);
    channel.setChannelId(CHANNEL);
    const header = new common.Header();
    header.setChannelHeader(channel.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(data.serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    return this.block([envelope.serializeBinary()], { signers: [] });
  }

  /** An endorsed and signed transaction. */
  transaction(change: TransactionChange = {}): Uint8Array {
    const { endorsers = this.peers.slice(0, MAJORITY), client = this.client, chaincode = 'eko' } = change;
    const { signer = client } = change;
    const built = parseProposal(
      buildProposal({
        channelId: change.channel ?? CHANNEL,
        chaincodeName: chaincode,
        creator: client.identity,
        args: ['Beat'],
        timestamp: { seconds: 1, nanos: 0 },
      }),
    );
    const proposal = continued(built, change.atEndOfHeader);
    const result = { status: 200, message: '', payload: new Uint8Array(), event: undefined };
    const response = withEvent(
      encodeProposalResponsePayload(proposal, result, encodeWrite(change)),
      change.eventOf,
    );
    const endorsements = endorsers.map((endorser) => ({
      endorser: endorser.identity,
      signature: endorser.sign(Buffer.concat([response, endorser.identity])),
    }));
    const envelope = assembleTransaction(proposal, response, endorsements);
    const { atEndOfPayload = new Uint8Array() } = change;
    envelope.setPayload(Buffer.concat([envelope.getPayload_asU8(), atEndOfPayload]));
    envelope.setSignature(signer.sign(envelope.getPayload_asU8()));
    return envelope.serializeBinary();
  }

  /** The next block, all of whose transactions are marked valid unless `codes` says otherwise. */
  block(
    envelopes: readonly Uint8Array[],
    {
      codes = envelopes.map(() => 0),
      signers = this.#quorum(),
    }: { codes?: number[]; signers?: readonly Signer[] } = {},
  ): Uint8Array {
    const block = buildBlock(this.#number, this.#lastHash, envelopes, codes);
    const metadata = new common.Metadata();
    metadata.setValue(Buffer.from('ordered'));
    const header = encodeHeader(block);
    metadata.setSignaturesList(
      signers.map((signer) => this.#signature(signer, metadata.getValue_asU8(), header)),
    );
    const slots = block.getMetadata()?.getMetadataList_asU8() ?? [];
    slots[common.BlockMetadataIndex.SIGNATURES] = metadata.serializeBinary();
    block.getMetadata()?.setMetadataList(slots);
    this.#number += 1;
    this.#lastHash = hashHeader(block);
    return block.serializeBinary();
  }

  #people() {
    const { client, peers, orderers } = this;
    return { client, peers, orderers, authorities: this.#authorities };
  }

  #rootOf(name: string): string {
    return this.#authorities.get(name)?.root.certificatePem ?? '';
  }

  #quorum(): readonly Signer[] {
    return this.orderers.slice(0, { raft: 1, bft: 3, none: 0 }[this.#ordering]);
  }

  #signature(signer: Signer, value: Uint8Array, header: Uint8Array): common.MetadataSignature {
    const signature = new common.MetadataSignature();
    const place = this.orderers.indexOf(signer);
    const named = new common.SignatureHeader();
    named.setCreator(signer.identity);
    const numbered = new common.IdentifierHeader();
    numbered.setIdentifier(place + 1);
    const isNumbered = this.#ordering === 'bft' && place >= 0;
    const by = (isNumbered ? numbered : named).serializeBinary();
    if (isNumbered) signature.setIdentifierHeader(by);
    else signature.setSignatureHeader(by);
    signature.setSignature(signer.sign(Buffer.concat([value, by, header])));
    return signature;
  }

  #channelGroup(): common.ConfigGroup {
    const channel = new common.ConfigGroup();
    const application = this.#service(ORGANISATIONS, 'peer');
    setGroup(channel, 'Application', application);
    // As that of a development ledger, which names no policies either.
    if (this.#ordering === 'none') return channel;
    setPolicy(application, 'Endorsement', majorityOf('Endorsement'));
    setPolicy(application, 'LifecycleEndorsement', allOf('Endorsement'));
    const orderer = this.#service(['OrdererMSP'], 'orderer');
    setPolicy(
      orderer,
      'BlockValidation',
      this.#ordering === 'raft' ? anyOf('Endorsement') : this.#quorumPolicy(),
    );
    const orderers = new common.Orderers();
    orderers.setConsenterMappingList(
      this.orderers.map(({ mspId, certificatePem }, place) => {
        const consenter = new common.Consenter();
        consenter.setId(place + 1);
        consenter.setMspId(mspId);
        consenter.setIdentity(Buffer.from(certificatePem));
        return consenter;
      }),
    );
    setValue(orderer, 'Orderers', orderers.serializeBinary());
    setGroup(channel, 'Orderer', orderer);
    return channel;
  }

  #service(mspIds: readonly string[], unit: 'peer' | 'orderer'): common.ConfigGroup {
    const service = new common.ConfigGroup();
    for (const mspId of mspIds) {
      const group = new common.ConfigGroup();
      setValue(group, 'MSP', mspConfig(mspId, [this.#rootOf(RETIRED), this.#rootOf(mspId)]));
      const role = unit === 'peer' ? msp.MSPRole.MSPRoleType.PEER : msp.MSPRole.MSPRoleType.ORDERER;
      setPolicy(group, 'Endorsement', signaturePolicy(1, [rolePrincipal(mspId, role)]));
      setGroup(service, mspId, group);
    }
    return service;
  }

  /** As Fabric's `configtxgen` writes it for BFT. */
  #quorumPolicy(): common.Policy {
    return signaturePolicy(
      3,
      this.orderers.map(({ identity }) => identityPrincipal(identity)),
    );
  }
}

/** Somebody whom no organisation of the channel knows, and who says to be of it. */
export async function stranger(mspId: string, unit: string): Promise<Signer> {
  return newSigner(await CertificateAuthority.create(`ca.${mspId}`, mspId), mspId, { units: [unit] });
}

async function newSigner(
  authority: CertificateAuthority | undefined,
  mspId: string,
  certificate: OddCertificate,
): Promise<Signer> {
  if (authority === undefined) throw new RangeError(`there is no ${mspId}`);
  const { certificatePem, privateKeyPem } = await issueOddCertificate(authority, certificate);
  const key: KeyObject = createPrivateKey(privateKeyPem);
  const identity = encodeCreator(mspId, certificatePem);
  return { mspId, certificatePem, identity, sign: (message) => signLowS(key, message) };
}

/** A proposal whose channel header goes on with those bytes. */
function continued(proposal: Proposal, end: Uint8Array = new Uint8Array()): Proposal {
  const { header, publicPayload } = proposal;
  header.setChannelHeader(Buffer.concat([header.getChannelHeader_asU8(), end]));
  return { ...proposal, header, hash: hashProposal(header, publicPayload) };
}

/** A result with an event that says to be of that chaincode, whichever was endorsed. */
function withEvent(response: Uint8Array, chaincode: string | undefined): Uint8Array {
  if (chaincode === undefined) return response;
  const payload = peer.ProposalResponsePayload.deserializeBinary(response);
  const action = peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8());
  const event = new peer.ChaincodeEvent();
  event.setChaincodeId(chaincode);
  event.setEventName('Heartbeat');
  action.setEvents(event.serializeBinary());
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

function encodeWrite({
  namespace = 'eko',
  key = 'beat',
  value = Buffer.from('1'),
  isReading = false,
  read: place,
}: TransactionChange): Uint8Array {
  const write = new ledger.rwset.kvrwset.KVWrite();
  write.setKey(key);
  write.setValue(value);
  const writes = new ledger.rwset.kvrwset.KVRWSet();
  writes.setWritesList(isReading ? [] : [write]);
  if (place !== undefined) {
    const read = new ledger.rwset.kvrwset.KVRead();
    read.setKey(key);
    if (place !== 'nothing') {
      const version = new ledger.rwset.kvrwset.Version();
      version.setBlockNum(place[0]);
      version.setTxNum(place[1]);
      read.setVersion(version);
    }
    writes.setReadsList([read]);
  }
  const set = new ledger.rwset.NsReadWriteSet();
  set.setNamespace(namespace);
  set.setRwset(writes.serializeBinary());
  const all = new ledger.rwset.TxReadWriteSet();
  all.setNsRwsetList([set]);
  return all.serializeBinary();
}
