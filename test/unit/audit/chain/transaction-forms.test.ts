import { decodeChannelBlock } from '@eko/sdk/node';
import { ChannelChain } from '../../../../client-sdk/audit/src/chain/channel-chain';
import { SignedChannel, type TransactionChange } from './signed-channel';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Whoever submits a transaction writes its header, and peers take all of protobuf's forms. */
describe('a transaction that counts, as its submitter wrote it', () => {
  let channel: SignedChannel;
  let genesis: Uint8Array;
  beforeEach(async () => {
    channel = await SignedChannel.create('raft');
    genesis = channel.genesis();
  });

  function rulesBroken(blocks: readonly Uint8Array[]): readonly string[] {
    const chain = new ChannelChain({ channel: SignedChannel.channel });
    for (const block of blocks) if (!chain.accepts(block)) break;
    return chain.violations.map(({ rule }) => rule);
  }

  it.each<[string, TransactionChange]>([
    ['its type in five bytes', { atEndOfHeader: hex('08 8380808010') }],
    ['a text under the number of its type', { atEndOfHeader: hex('0a 01 78') }],
    ['four bytes under the number of its channel', { atEndOfHeader: hex('25 01020304') }],
    ['a group that nobody knows', { atEndOfHeader: hex('1b 08 01 1c') }],
    ['a second header, which is empty', { atEndOfPayload: hex('0a 00') }],
  ])('is seen as peers see it, with %s', (_, form) => {
    const first = channel.block([channel.transaction({ read: 'nothing', ...form })]);
    // What has read the value that it wrote is up to date, and only that.
    const second = channel.block([channel.transaction({ read: [1, 0] })]);
    expect(rulesBroken([genesis, first, second])).toEqual([]);
    const [counted] = decodeChannelBlock(first, 'eko').transactions;
    expect(counted).toMatchObject({ validationCode: 0, writes: [{ key: 'beat' }] });
  });

  it('is none where it is of another kind, which the peer that calls it valid is told', () => {
    const update = channel.block([channel.transaction({ atEndOfHeader: hex('08 02') })]);
    expect(rulesBroken([genesis, update])).toEqual(['forged-transaction']);
  });
});
