import { randomUUID } from 'node:crypto';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, readFabricProfile } from '@eko/sdk';
import { EndorsingClient } from '../support/processes/endorsed-transactions';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { FILE_REQUEST, SETTLE_MS, faultyNetwork } from './faulty-network';
import { newLosingClient } from './tampered-client';
import { FAULT_POLICY } from '../support/processes/process-network';
import { consentOf } from './consent-of';
import { describeIf } from '../support/skip';

jest.setTimeout(180_000);

const WRITERS = 200;

describeIf(
  hasFabricPrograms(),
  NO_FABRIC,
  'EKO on a Fabric network whose answers are lost or overtaken',
  () => {
    const at = faultyNetwork();

    it('answers are lost: the commit status is looked up by its ID, and nothing is sent twice', async () => {
      const profile = await readFabricProfile(at().network.processes.layout.node('initiator').profile);
      const losing = newLosingClient(profile);
      const ledger = connectGatewayLedger({ profile, client: losing.client });
      try {
        const bundleId = randomUUID();
        const requests = [FILE_REQUEST];
        const argument = { bundleId, policy: FAULT_POLICY, requests };
        const { txId } = await ledger.submit(TRANSACTIONS.requestStreams, argument);
        at().network.acknowledged(bundleId);
        expect(losing.submits()).toBe(1);
        expect(losing.statusCalls()).toBe(2);
        expect((await at().network.until(bundleId, 'active', SETTLE_MS)).bundle.requestTxId).toBe(txId);
      } finally {
        ledger.close();
      }
    });

    it(`a revocation is valid at its first try among ${WRITERS} competing writers, and none of them after it`, async () => {
      const bundleId = await at().activeBundle(2);
      const { layout } = at().network.processes;
      const clients = await Promise.all(
        ['initiator', 'provider'].map((nodeId) => EndorsingClient.open(layout.node(nodeId).profile)),
      );
      const [initiator, provider] = clients;
      if (initiator === undefined || provider === undefined) throw new RangeError('there are two parties');
      try {
        const permits = Array.from({ length: WRITERS }, (_, n) => {
          const argument = { bundleId, epoch: 1, streams: [n % 2] };
          return (n % 4 < 2 ? initiator : provider).endorse(TRANSACTIONS.authorizeRelease, argument);
        });
        const writers = await Promise.all(permits);
        const revocation = await provider.endorse(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
        const sent = (from: number, to: number): readonly Promise<number>[] =>
          writers.slice(from * WRITERS, to * WRITERS).map((writer) => writer.commit());
        const early = sent(0, 0.5);
        const revoked = revocation.commit();
        const racing = sent(0.5, 0.75);
        expect(await revoked).toBe(StatusCode.VALID);
        const allowed: readonly number[] = [StatusCode.VALID, StatusCode.MVCC_READ_CONFLICT];
        const codes = await Promise.all([...early, ...racing]);
        expect(codes.filter((code) => !allowed.includes(code))).toEqual([]);
        const late = await Promise.all(sent(0.75, 1));
        expect(late.filter((code) => code !== StatusCode.MVCC_READ_CONFLICT)).toEqual([]);
      } finally {
        for (const client of clients) client.close();
      }
    });

    it('what was endorsed before a revocation and is submitted after it is invalid', async () => {
      const { layout } = at().network.processes;
      const active = await at().activeBundle();
      const asked = randomUUID();
      const requests = [{ dataType: 'by-hand', permissions: ['read'] }];
      const { channel } = at().network.initiator.ledger;
      const { result } = await at().network.initiator.ledger.submit(TRANSACTIONS.requestStreams, {
        bundleId: asked,
        policy: FAULT_POLICY,
        requests,
        slot: 0,
      });
      at().network.acknowledged(asked);
      const { keys, profile } = layout.node('provider');
      const consent = consentOf({ nodeId: 'provider', keysDirectory: keys, channel }, result.bundle);
      const provider = await EndorsingClient.open(profile);
      try {
        const held = [
          await provider.endorse(TRANSACTIONS.authorizeRelease, {
            bundleId: active,
            epoch: 1,
            streams: [0],
          }),
          await provider.endorse(TRANSACTIONS.acceptStream, consent),
        ];
        for (const bundleId of [active, asked])
          await at().network.initiator.ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
        for (const transaction of held)
          expect(await transaction.commit()).toBe(StatusCode.MVCC_READ_CONFLICT);
        const again = provider.endorse(TRANSACTIONS.acceptStream, consent);
        await expect(again).rejects.toMatchObject({ code: expect.any(Number) as unknown });
      } finally {
        provider.close();
      }
    });
  },
);
