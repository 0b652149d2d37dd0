import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueUser, openLayout, requirePlan } from '@eko/local-network';
import { type EkoError } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, type FabricProfile, type Ledger } from '@eko/sdk';
import { loadFabricProfile, withDeadline } from '@eko/sdk/node';
import { eko, ekoJson } from '../support/processes/eko-process';
import { CONSENSUS } from './chosen-consensus';
import { FabricFaults } from './fabric-faults';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { freeBasePort } from './free-base-port';
import { newSpoilingClient } from './tampered-client';
import { until } from '../support/until';
import { rejectionOf } from '../support/coded-error';
import { registerNode } from '../support/in-process/register-node';
import { describeIf } from '../support/skip';

jest.setTimeout(180_000);

const CHANNEL = 'eko';
const NODE = 'beating';
/** By then a submit has an answer. */
const CLEAR_MS = 35_000;
const isHere = hasFabricPrograms() && CONSENSUS === 'bft';
const WHY_NOT = hasFabricPrograms() ? 'FABRIC_CONSENSUS is not bft' : NO_FABRIC;

/**
 * A gateway peer tells whoever submits of some BFT orderers that refused or were not reached, and not what the others
 * did: those may have the transaction, and order it. So nobody can know.
 */
describeIf(isHere, WHY_NOT, 'a submit that too few BFT orderers have taken', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-bft-refusals-'));
  const HERE = ['--directory', directory] as const;
  const fabric = new FabricFaults(directory, CHANNEL);
  let profile: FabricProfile;
  let ledger: Ledger;

  beforeAll(async () => {
    const basePort = String(await freeBasePort());
    await ekoJson(
      'fabric',
      'up',
      ...HERE,
      '--consensus',
      'bft',
      '--organisations',
      '2',
      '--base-port',
      basePort,
    );
    const layout = await openLayout(directory);
    const user = { mspId: 'Org1MSP', name: 'sender', channel: CHANNEL };
    profile = await loadFabricProfile(await issueUser(layout, await requirePlan(layout), user));
    ledger = connectGatewayLedger({ profile });
    await registerNode(ledger, profile, NODE, 'party');
  });
  afterAll(async () => {
    ledger.close();
    await eko('fabric', 'down', ...HERE);
    expect((await eko('fabric', 'reset', ...HERE)).status).toBe(0);
  });

  /** How a heartbeat fails. */
  const failure = (through: Ledger): Promise<EkoError> => {
    const beat = through.submit(TRANSACTIONS.heartbeat, { nodeId: NODE });
    return rejectionOf(withDeadline('an answer', { deadlineMs: CLEAR_MS }, () => beat));
  };

  /** Whether the ledger has a transaction, read up to a later one. */
  const isOrdered = async (txId: unknown): Promise<boolean> => {
    const last = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId: NODE });
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
    let isFound = false;
    for await (const event of ledger.events({ signal })) {
      isFound ||= event.txId === txId;
      if (event.txId === last.txId) stop.abort();
    }
    expect(stop.signal.aborted).toBe(true);
    return isFound;
  };

  it('is in doubt without a quorum, and is ordered once there is one again', async () => {
    const leader = await fabric.leader();
    const others = (await fabric.orderers()).filter((name) => name !== leader);
    await fabric.kill(...others.slice(0, 2));
    const error = await failure(ledger);
    expect(error.code).toBe('COMMIT_UNKNOWN');
    await fabric.heal();
    await until('it is ordered', () => isOrdered(error.details['txId']), 90_000);
  });

  it('is in doubt where orderers refuse it, although none of them has ordered it', async () => {
    const spoiling = connectGatewayLedger({ profile, client: newSpoilingClient(profile) });
    try {
      const error = await failure(spoiling);
      expect(error.code).toBe('COMMIT_UNKNOWN');
      expect(await isOrdered(error.details['txId'])).toBe(false);
    } finally {
      spoiling.close();
    }
  });
});
