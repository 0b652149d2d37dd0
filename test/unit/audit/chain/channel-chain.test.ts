import { common } from '@hyperledger/fabric-protos';
import { ChannelChain } from '../../../../client-sdk/audit/src/chain/channel-chain';
import { CHAIN_RULES } from '../../../../client-sdk/audit/src/violation';
import { encodeCreator } from '../../../../network/embedded/src/messages/proposal-builder';
import type { OddCertificate } from '../../../support/data/certificates';
import { definitionOf } from './channel-configuration';
import {
  SignedChannel,
  stranger,
  type Ordering,
  type Signer,
  type TransactionChange,
} from './signed-channel';

const ORDERINGS: readonly Ordering[] = ['raft', 'bft', 'none'];
const ENDORSEMENT_POLICY_FAILURE = 10;
const MVCC_READ_CONFLICT = 11;
/** The rules that some test has seen broken. */
const broken = new Set<string>();

/** What is found in blocks, and how many of them were taken. */
function read(blocks: readonly Uint8Array[], firstBlockHash?: string) {
  const terms = firstBlockHash === undefined ? {} : { firstBlockHash };
  const chain = new ChannelChain({ channel: SignedChannel.channel, ...terms });
  const taken = blocks.findIndex((block) => !chain.accepts(block));
  for (const { rule } of chain.violations) broken.add(rule);
  return {
    rules: chain.violations.map(({ rule }) => rule),
    blocks: chain.violations.map(({ blockNumber }) => blockNumber),
    taken: taken < 0 ? blocks.length : taken,
    ...chain.report,
  };
}

describe('the chain of a channel', () => {
  let channel: SignedChannel;
  let genesis: Uint8Array;
  let ordering: Ordering = 'raft';

  const newChannel = async (kind: Ordering): Promise<void> => {
    ordering = kind;
    channel = await SignedChannel.create(kind);
    genesis = channel.genesis();
  };
  /** The same people begin their chain anew. */
  const begin = (): void => {
    channel = channel.fresh();
    genesis = channel.genesis();
  };
  const peer = (place: number): Signer => {
    const found = channel.peers[place];
    if (found === undefined) throw new RangeError('there is no such peer');
    return found;
  };
  /** A block whose hash is still right in another place or with other bytes. */
  const changed = (block: Uint8Array, change: (block: common.Block) => void): Uint8Array => {
    const copy = common.Block.deserializeBinary(block);
    change(copy);
    return copy.serializeBinary();
  };

  describe.each(ORDERINGS)('with ordering %s', (kind) => {
    beforeEach(() => newChannel(kind));

    it('is taken as it was made, far past the numbers that one byte holds', () => {
      const blocks: Uint8Array[] = [genesis];
      for (let count = 0; count < 300; count += 1)
        blocks.push(channel.block(count % 50 === 0 ? [channel.transaction(), channel.transaction()] : []));
      const { rules, taken, isSignedByOrderers, firstBlockHash } = read(blocks);
      expect(rules).toEqual([]);
      expect(taken).toBe(301);
      expect(isSignedByOrderers).toBe(ordering !== 'none');
      expect(read(blocks, firstBlockHash).rules).toEqual([]);
    });

    it('finds a changed byte of a transaction, and reads no further', () => {
      const transaction = channel.transaction();
      const blocks = [genesis, channel.block([transaction]), channel.block([channel.transaction()])];
      const spoilt = changed(blocks[1] ?? genesis, (block) => {
        const other = Buffer.from(transaction);
        other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
        block.getData()?.setDataList([other]);
      });
      expect(read([genesis, spoilt, blocks[2] ?? genesis])).toMatchObject({
        rules: ['changed-block'],
        blocks: [1n],
        taken: 1,
      });
    });

    it('finds blocks that were swapped, left out or put in', () => {
      const [one, two] = [channel.block([channel.transaction()]), channel.block([channel.transaction()])];
      expect(read([genesis, two, one])).toMatchObject({ rules: ['broken-chain'], blocks: [1n], taken: 1 });
      expect(read([genesis, one, one])).toMatchObject({ rules: ['broken-chain'], blocks: [2n], taken: 2 });
      expect(read([one, two])).toMatchObject({ rules: ['broken-chain'], blocks: [0n], taken: 0 });
      const moved = changed(two, (block) => block.getHeader()?.setNumber(1));
      const renumbered = changed(one, (block) => block.getHeader()?.setNumber(2));
      for (const wrong of [moved, renumbered])
        expect(read([genesis, wrong])).toMatchObject({ rules: ['broken-chain'], blocks: [1n], taken: 1 });
    });

    it('finds a valid transaction that nobody of the channel has signed, and lets an invalid one be', async () => {
      const outsider = await stranger('Org1MSP', 'client');
      const forged = () => channel.transaction({ signer: outsider });
      expect(read([genesis, channel.block([channel.transaction(), forged()])])).toMatchObject({
        rules: ['forged-transaction'],
        blocks: [1n],
        taken: 2,
      });
      await newChannel(kind);
      const codes = [ENDORSEMENT_POLICY_FAILURE];
      expect(read([genesis, channel.block([forged()], { codes })]).rules).toEqual([]);
    });

    it('counts endorsements of peers of distinct organisations that hold', async () => {
      const outsider = await stranger('Org2MSP', 'peer');
      const neighbour = await channel.issue('Org1MSP', { units: ['peer'] });
      const short: readonly (readonly Signer[])[] = [
        [],
        [peer(0), peer(3)],
        [peer(0), peer(3), peer(3)],
        [peer(0), peer(3), neighbour],
        [peer(0), peer(3), outsider],
        [peer(0), peer(3), { ...peer(1), sign: (message) => peer(2).sign(message) }],
      ];
      for (const endorsers of short) {
        begin();
        expect(read([genesis, channel.block([channel.transaction({ endorsers })])]).rules).toEqual([
          'unendorsed-transaction',
        ]);
      }
    });
  });

  it('wants peers to endorse, where roles are units', async () => {
    await newChannel('raft');
    const endorsers = [channel.client, peer(1), peer(2)];
    expect(read([genesis, channel.block([channel.transaction({ endorsers })])]).rules).toEqual([
      'unendorsed-transaction',
    ]);
  });

  it('lets a chaincode have a policy of its own, from the block after its definition', async () => {
    await newChannel('raft');
    const alone = () => channel.transaction({ endorsers: [peer(2)] });
    const definition = channel.transaction({
      chaincode: '_lifecycle',
      namespace: '_lifecycle',
      key: 'namespaces/fields/eko/ValidationInfo',
      value: definitionOf('Org3MSP'),
      endorsers: channel.peers,
    });
    const blocks = [genesis, channel.block([definition]), channel.block([alone()])];
    expect(read(blocks).rules).toEqual([]);
    const elsewhere = channel.block([channel.transaction({ endorsers: [peer(2)], namespace: 'other' })]);
    expect(read([...blocks, elsewhere])).toMatchObject({ rules: ['unendorsed-transaction'], blocks: [3n] });
    const endorsers = [peer(0), peer(1), peer(3)];
    const others = channel.block([channel.transaction({ endorsers })]);
    const found = read([...blocks, elsewhere, others]);
    expect(found.blocks).toEqual([3n, 4n]);
  });

  it('counts a peer once, however often and however written its certificate comes', async () => {
    await newChannel('raft');
    const definition = channel.transaction({
      chaincode: '_lifecycle',
      namespace: '_lifecycle',
      key: 'namespaces/fields/eko/ValidationInfo',
      value: definitionOf('Org3MSP', 2),
      endorsers: channel.peers,
    });
    const identity = encodeCreator('Org3MSP', `${peer(2).certificatePem}\n`);
    const again = { ...peer(2), identity };
    const other = await channel.issue('Org3MSP', { units: ['peer'] });
    const blocks = [genesis, channel.block([definition])];
    const by = (...endorsers: Signer[]) => channel.block([channel.transaction({ endorsers })]);
    expect(read([...blocks, by(peer(2), other)]).rules).toEqual([]);
    for (const twice of [again, peer(2)]) {
      begin();
      const anew = [genesis, channel.block([definition]), by(peer(2), twice)];
      expect(read(anew)).toMatchObject({ rules: ['unendorsed-transaction'], blocks: [2n] });
    }
  });

  it('wants somebody of the channel to have endorsed what no policy governs', async () => {
    await newChannel('raft');
    const approval = { chaincode: '_lifecycle', namespace: '_lifecycle', isReading: true };
    const outsider = await stranger('Org1MSP', 'peer');
    const by = (endorser: Signer) => channel.transaction({ ...approval, endorsers: [endorser] });
    expect(read([genesis, channel.block([by(peer(0))])]).rules).toEqual([]);
    begin();
    expect(read([genesis, channel.block([by(outsider)])]).rules).toEqual(['unendorsed-transaction']);
  });

  it('takes no event of a chaincode that nobody endorsed', async () => {
    await newChannel('raft');
    expect(read([genesis, channel.block([channel.transaction({ eventOf: 'eko' })])]).rules).toEqual([]);
    begin();
    const approval = { chaincode: '_lifecycle', namespace: '_lifecycle', isReading: true };
    const foreign = channel.transaction({ ...approval, endorsers: [peer(0)], eventOf: 'eko' });
    expect(read([genesis, channel.block([foreign])]).rules).toEqual(['unendorsed-transaction']);
  });

  it.each<[string, OddCertificate, readonly string[]]>([
    ['has expired since', { units: ['client'], validForDays: 0.001 }, []],
    ['says more of its holder than a role', { units: ['client', 'sales'] }, []],
    ['has no role', { units: [] }, ['forged-transaction']],
    ['has two roles', { units: ['client', 'admin'] }, ['forged-transaction']],
    ['is of an authority', { isAuthority: true }, ['forged-transaction']],
    ['began before its authority', { validFromDays: -3 }, ['forged-transaction']],
  ])('knows a member as Fabric does by a certificate that %s', async (_what, certificate, rules) => {
    await newChannel('raft');
    const client = await channel.issue('Org2MSP', certificate);
    expect(read([genesis, channel.block([channel.transaction({ client })])]).rules).toEqual(rules);
  });

  it('wants for a definition whom the channel asks for that', async () => {
    await newChannel('raft');
    const definition = channel.transaction({
      chaincode: '_lifecycle',
      namespace: '_lifecycle',
    });
    expect(read([genesis, channel.block([definition])]).rules).toEqual(['unendorsed-transaction']);
  });

  it('finds a result that was endorsed for another proposal, and an ID that is not its creator’s', async () => {
    await newChannel('raft');
    const [one, two] = [channel.transaction(), channel.transaction()].map((bytes) => envelopeOf(bytes));
    const mixed = resigned(one, (payload) => payload.setData(payloadOf(two).getData_asU8()), channel.client);
    expect(read([genesis, channel.block([mixed])]).rules).toEqual(['unendorsed-transaction']);
    await newChannel('raft');
    const renamed = resigned(envelopeOf(channel.transaction()), renameTransaction, channel.client);
    expect(read([genesis, channel.block([renamed])]).rules).toContain('forged-transaction');
  });

  it('counts a transaction once', async () => {
    await newChannel('raft');
    const transaction = channel.transaction();
    const blocks = [genesis, channel.block([transaction]), channel.block([transaction])];
    expect(read(blocks)).toMatchObject({ rules: ['repeated-transaction'], blocks: [2n] });
  });

  it('replays which version of its keys each transaction has read', async () => {
    await newChannel('raft');
    const reading = (read: NonNullable<TransactionChange['read']>): Uint8Array =>
      channel.transaction({ read });
    const good = [
      genesis,
      channel.block([reading('nothing'), reading([1, 0])]),
      channel.block([reading([1, 1])]),
    ];
    expect(read(good).rules).toEqual([]);
    const hidden = channel.block([reading([2, 0])], { codes: [MVCC_READ_CONFLICT] });
    // Whoever has read what a peer calls invalid gives it away.
    const after = channel.block([reading([3, 0])]);
    expect(read([...good, hidden, after])).toMatchObject({ rules: ['outdated-read'], blocks: [4n] });
    begin();
    const twice = channel.block([reading('nothing'), reading('nothing')]);
    expect(read([genesis, twice])).toMatchObject({ rules: ['outdated-read'], blocks: [1n] });
  });

  it('knows its own first block, and its name', async () => {
    await newChannel('raft');
    expect(read([genesis], 'a'.repeat(64))).toMatchObject({ rules: ['wrong-channel'], taken: 0 });
    const other = channel.transaction({ channel: 'other' });
    expect(read([genesis, channel.block([other])]).rules).toEqual(['wrong-channel']);
    const [start, transaction] = [await SignedChannel.create('raft'), channel.transaction()];
    expect(read([start.block([transaction], { signers: [] })]).rules).toEqual(['wrong-channel']);
  });

  it('wants one orderer of Raft, and a quorum of BFT, to sign the very block', async () => {
    await newChannel('raft');
    const outsider = await stranger('OrdererMSP', 'orderer');
    for (const signers of [[], [outsider], [peer(0)]]) {
      begin();
      expect(read([genesis, channel.block([channel.transaction()], { signers })])).toMatchObject({
        rules: ['unsigned-block'],
        blocks: [1n],
      });
    }
    await newChannel('bft');
    const [first, second, third, fourth] = channel.orderers;
    if (!first || !second || !third || !fourth) throw new RangeError('there are four');
    const forged = { ...third, sign: (message: Uint8Array) => fourth.sign(message) };
    for (const signers of [
      [first, second],
      [first, second, second],
      [first, second, forged],
      [first, second, outsider],
    ]) {
      begin();
      expect(read([genesis, channel.block([channel.transaction()], { signers })]).rules).toEqual([
        'unsigned-block',
      ]);
    }
    begin();
    expect(read([genesis, channel.block([channel.transaction()])]).rules).toEqual([]);
  });

  it('says of bytes that are no block that they cannot be read', async () => {
    await newChannel('raft');
    expect(read([genesis, Buffer.from('no block')])).toMatchObject({ rules: ['changed-block'], taken: 1 });
  });

  it('has seen each of its rules broken', () => {
    expect([...broken].sort()).toEqual(Object.keys(CHAIN_RULES).sort());
  });
});

const envelopeOf = (bytes: Uint8Array): common.Envelope => common.Envelope.deserializeBinary(bytes);
const payloadOf = (envelope: common.Envelope | undefined): common.Payload =>
  common.Payload.deserializeBinary(envelope?.getPayload_asU8() ?? new Uint8Array());

/** A transaction with another payload, which its client has signed all the same. */
function resigned(
  envelope: common.Envelope | undefined,
  change: (payload: common.Payload) => void,
  client: Signer,
): Uint8Array {
  const payload = payloadOf(envelope);
  change(payload);
  const result = new common.Envelope();
  result.setPayload(payload.serializeBinary());
  result.setSignature(client.sign(result.getPayload_asU8()));
  return result.serializeBinary();
}

function renameTransaction(payload: common.Payload): void {
  const header = payload.getHeader();
  const channel = common.ChannelHeader.deserializeBinary(header?.getChannelHeader_asU8() ?? new Uint8Array());
  channel.setTxId('b'.repeat(64));
  header?.setChannelHeader(channel.serializeBinary());
}
