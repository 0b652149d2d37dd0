import '@eko/embedded-ledger';
import { verifyHistory } from '../../../client-sdk/audit/dist/verify-history';
import { commandLine } from '../../support/in-process/command-line';
import { RecordedScene, UNKNOWN_BUNDLE } from './recorded-scene';
import { spoil } from './spoilt-block';

describe('the history checker and the peer that it reads from', () => {
  const scene = RecordedScene.prepare();

  const verify = (...more: readonly string[]) => {
    const { profile, folder } = scene.recorded;
    return commandLine(['verify', 'history', '--profile', profile, '--receipts', folder, '--json', ...more]);
  };

  it('finds what a dishonest peer does to blocks, before it believes anything in them', async () => {
    const read = async (blocks: readonly Uint8Array[]) => {
      const { violations } = await verifyHistory({
        channel: 'live-channel',
        chaincode: 'eko',
        blocks,
        nowUnixMs: Date.now(),
        attestMs: 60_000,
        acknowledged: { bundleIds: [UNKNOWN_BUNDLE], unreadable: [] },
      });
      return violations.map(({ rule, blockNumber }) => `${rule} ${blockNumber?.toString() ?? ''}`.trim());
    };
    const { serialized } = scene.recorded;
    expect(await read(serialized)).toEqual(['lost-request']);

    const last = serialized.length - 1;
    const spoilt = spoil(serialized[2], (envelope) => {
      const signature = envelope.getSignature_asU8();
      envelope.setSignature(signature.map((byte, place) => (place === 12 ? byte ^ 1 : byte)));
    });
    expect(await read(serialized.with(2, spoilt.withOldHash))).toEqual(['changed-block 2']);
    // With hashes that fit, only the block after it, and the signature itself, give it away.
    expect(await read(serialized.with(2, spoilt.withOwnHash))).toEqual([
      'forged-transaction 2',
      'broken-chain 3',
    ]);
    expect(
      await read(
        serialized.with(2, serialized[3] ?? spoilt.withOldHash).with(3, serialized[2] ?? spoilt.withOldHash),
      ),
    ).toEqual(['broken-chain 2']);
    const forged = spoil(serialized[last], (envelope) => {
      envelope.setSignature(Buffer.from('nobody'));
    });
    expect(await read(serialized.with(last, forged.withOwnHash))).toEqual([
      `forged-transaction ${last}`,
      'lost-request',
    ]);
  });

  it('knows the first block that it was told of', async () => {
    const { stdout } = await verify();
    const { chain } = JSON.parse(stdout) as { chain: { firstBlockHash: string } };
    const right = await verify('--first-block', chain.firstBlockHash.toUpperCase());
    expect(right.status).toBe(0);
    const wrong = await verify('--first-block', 'a'.repeat(64));
    expect(wrong.status).toBe(5);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      violations: [{ rule: 'wrong-channel', blockNumber: '0' }],
    });
    expect((await verify('--first-block', 'abc')).status).toBe(2);
  });
});
