import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNEL, type RecordedStep } from '../../../support/contracts/eko-ledger';
import { updateOf } from '../../../support/contracts/registry-driver';
import { EMPTY_LOG, newAttestation } from '../../../support/contracts/test-attestations';
import { newTestNetwork, standingOffer } from '../../../support/contracts/test-network';
import { signedUpdate } from '../../../support/contracts/test-node';
import {
  acceptedBundle,
  activeBundle,
  requestBundle,
  succeeded,
} from '../../../support/contracts/test-streams';
import { describeIf } from '../../../support/skip';

jest.setTimeout(60_000);

const REPLAY = join(__dirname, 'replay.cjs');
const BUILT = join(__dirname, '../../../../chaincode/dist/index.js');
/** What peers run, with libsodium beside it. */
const BUNDLE = join(__dirname, '../../../../chaincode/dist/bundle/index.js');

/** All that write; what only reads is named so. */
const SUBMITTED = Object.values(TRANSACTIONS).filter((name) => !/:(Read|List)/.test(name));

/** What a replay answers. */
interface Replay {
  readonly locale: string;
  readonly timeZone: string;
  readonly outcomes: readonly unknown[];
}

/** A story with every transaction in it, refused ones too. */
async function recordStory(): Promise<readonly RecordedStep[]> {
  const network = await newTestNetwork();
  const { ledger, initiator, provider, witnesses } = network;
  const { bundleId: unwanted } = await requestBundle(network);
  succeeded(await ledger.submit(provider.identity, TRANSACTIONS.declineStream, { bundleId: unwanted }));
  const { bundleId } = await acceptedBundle(network);
  ledger.advance(LIMITS.replacedAfterMs);
  const over = { bundleId, fence: 0 };
  succeeded(await ledger.submit(initiator.identity, TRANSACTIONS.reassignOrchestrators, over));
  const active = await activeBundle(network);
  const streams = { bundleId: active.bundleId, streams: [1] };
  succeeded(await ledger.submit(provider.identity, TRANSACTIONS.authorizeRelease, { ...streams, epoch: 1 }));
  succeeded(
    await ledger.submit(provider.identity, TRANSACTIONS.endStream, { ...streams, reason: 'completed' }),
  );
  await ledger.submit(provider.identity, TRANSACTIONS.endStream, { ...streams, reason: 'completed' });
  succeeded(
    await ledger.submit(initiator.identity, TRANSACTIONS.revokeStream, { ...streams, streams: 'all' }),
  );
  const destruction = { bundleId: active.bundleId, epoch: 1, streams: 'all' as const };
  const attestation = newAttestation(initiator, [destruction]);
  succeeded(await ledger.submit(initiator.identity, TRANSACTIONS.attestDestruction, attestation));
  const offer = { nodeId: 'provider', offer: standingOffer() };
  succeeded(await ledger.submit(provider.identity, TRANSACTIONS.publishOffer, offer));
  await requestBundle(network);
  const withdrawal = { nodeId: 'provider', offerId: 'standing' };
  succeeded(await ledger.submit(provider.identity, TRANSACTIONS.withdrawOffer, withdrawal));
  await ledger.submit(provider.identity, TRANSACTIONS.declineStream, { bundleId });
  const [witness, other] = witnesses;
  const administrator = await ledger.identity({ mspId: other!.mspId, name: 'admin', ou: 'admin' });
  for (const [keyEpoch, decision] of [
    [2, TRANSACTIONS.approveNode],
    [3, TRANSACTIONS.rejectNode],
  ] as const) {
    const update = updateOf(other!, { zone: `zone-${keyEpoch}`, keyEpoch: keyEpoch - 1 });
    succeeded(await ledger.submit(other!.identity, TRANSACTIONS.updateNode, signedUpdate(update, other!)));
    succeeded(await ledger.submit(administrator, decision, { nodeId: other!.nodeId, keyEpoch }));
  }
  const beat = { nodeId: witness!.nodeId, receipts: EMPTY_LOG };
  succeeded(await ledger.submit(witness!.identity, TRANSACTIONS.heartbeat, beat));
  succeeded(await ledger.submit(witness!.identity, TRANSACTIONS.retireNode, { nodeId: witness!.nodeId }));
  return ledger.steps;
}

function replay(
  steps: readonly RecordedStep[],
  environment: NodeJS.ProcessEnv,
  contracts: string = BUILT,
): Replay {
  const input = JSON.stringify({
    channel: CHANNEL,
    steps: steps.map(({ outcome, ...step }) => ({ ...step, txId: outcome.txId })),
  });
  const output = execFileSync(process.execPath, [REPLAY, contracts], {
    input,
    env: { PATH: process.env['PATH'], ...environment },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 30_000,
  });
  return JSON.parse(output.toString('utf8')) as Replay;
}

function outcomesOf(steps: readonly RecordedStep[]): unknown[] {
  return steps.map(({ outcome: { result, writes, event, error } }) =>
    error === undefined
      ? {
          result,
          writes: writes.map(({ key, value }) => [key, value]),
          ...(event === undefined ? {} : { event }),
        }
      : { error: `${error.code}: ${error.message}` },
  );
}

describeIf(existsSync(BUILT), 'the chaincode has not been built', 'the contracts', () => {
  it('write the same bytes in another process, time zone and locale', async () => {
    const steps = await recordStory();
    const accepted = steps.filter(({ outcome }) => outcome.error === undefined);
    expect(accepted.length).toBeLessThan(steps.length);
    const names = new Set(accepted.map(({ transaction }) => transaction));
    expect([...names].sort()).toEqual([...SUBMITTED].sort());
    const home = replay(steps, { TZ: 'UTC', LC_ALL: 'C' });
    const away = replay(steps, { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' });
    expect([away.locale, away.timeZone]).toEqual(['tr-TR', 'Pacific/Kiritimati']);
    expect(home.outcomes).toEqual(outcomesOf(steps));
    expect(replay(steps, {}, BUNDLE).outcomes).toEqual(outcomesOf(steps));
    expect(away.outcomes).toEqual(outcomesOf(steps));
  });
});
