import { createOrganisation } from '@eko/msp';
import { downNetwork, issueUser, openLayout, resetNetwork, upNetwork } from '@eko/local-network';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EKO } from '../support/processes/eko-process';
import { CHAINCODE, CHANNEL } from '../support/in-process/gateway-client';
import { CONSENSUS } from './chosen-consensus';
import { freeBasePort } from './free-base-port';
import type { LedgerUnderTest } from '../contract/ledger-under-test';

const ROOT = join(__dirname, '../..');

/**
 * Starts a native Fabric network as the contract suite wants it. It ends with this process, whatever ends that.
 */
export async function startFabricUnderTest(): Promise<LedgerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'eko-contract-'));
  const network = join(directory, 'network');
  const guard = spawn(
    'sh',
    [
      '-c',
      'cat > /dev/null; exec "$@"',
      'sh',
      process.execPath,
      EKO,
      'fabric',
      'down',
      '--directory',
      network,
    ],
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  guard.unref();
  const remove = async (): Promise<void> => {
    guard.kill();
    await downNetwork(network);
    await resetNetwork(network);
    await rm(directory, { recursive: true });
  };
  try {
    const plan = await upNetwork(
      { directory: network, env: process.env, chaincodeFolder: await buildProbe(join(directory, 'probe')) },
      {
        basePort: await freeBasePort(),
        organisations: 2,
        channels: [CHANNEL],
        chaincode: CHAINCODE,
        blockTimeoutMs: 20,
        consensus: CONSENSUS,
      },
    );
    const layout = await openLayout(network);
    const gateway = await issueUser(layout, plan, { mspId: 'Org1MSP', name: 'alice' });
    const organisation = (mspId: string, domain: string) =>
      createOrganisation({ directory: layout.crypto, mspId, domain });
    const isFabric3 = !plan.fabric.startsWith('2.');
    return {
      address: gateway.endpoint,
      hostAlias: gateway.hostAlias,
      tlsCaPem: await readFile(gateway.tlsCaPath, 'utf8'),
      organisations: [
        await organisation('Org1MSP', 'org1.example.com'),
        await organisation('Org2MSP', 'org2.example.com'),
      ],
      hasEd25519: plan.consensus === 'bft',
      refusesExpiredQueries: isFabric3,
      hasTimeWindow: isFabric3,
      tellsWhyNotOrdered: plan.consensus === 'raft',
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** EKO's chaincode as it is built, with the probe beside its contracts. */
async function buildProbe(folder: string): Promise<string> {
  const bundle = join(folder, 'dist', 'bundle');
  await mkdir(folder, { recursive: true });
  await cp(join(ROOT, 'chaincode/dist/bundle'), bundle, { recursive: true });
  await cp(join(__dirname, '../contract/probe-contract.cjs'), join(bundle, 'probe-contract.cjs'));
  await writeFile(
    join(bundle, 'with-probe.js'),
    "exports.contracts = ['./index', './probe-contract.cjs'].flatMap((name) => require(name).contracts);\n",
  );
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'probe', version: '0.1.0', main: 'dist/bundle/with-probe.js' }),
  );
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
