import { EkoError } from '@eko/protocol';
import { connectGatewayLedger, readFabricProfile } from '@eko/sdk';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevNetwork } from '../dev/dev-network';
import { ONE_DOMAIN_OF_TRUST } from '../dev/dev-summary';
import type { LedgerChoice } from '../dev/plan-network';
import { DEV_INITIATOR, DEV_PROVIDER } from '../dev/network-plan';
import { refuseProduction } from '../dev/refuse-production';
import { asEkoError, formatMs, networkParty, openSource, textTable, type Terminal } from '@eko/command';
import { PartyApi, readPartyToken } from '@eko/sdk/rest';
import { playCrashedDealing } from './crashed-dealing';
import { playFirstStream } from './first-stream';
import { LedgerLog } from './ledger-log';
import { playRevokedStream } from './revoked-stream';
import type { Stage, StagedParty } from './stage';
import { Timeline } from './timeline';

/**
 * Plays the whole demo on a network of its own, which is gone afterwards.
 *
 * @param file - what the first stream moves
 * @param choice - the ledger; the embedded one where it is not given
 * @throws EkoError `INTERNAL` where a step did not hold; `INVALID_ARGUMENT` for the file; as `refuseProduction`
 */
export async function runDemo(file: string, terminal: Terminal, choice?: LedgerChoice): Promise<void> {
  await refuseProduction({ env: terminal.env, ledger: choice });
  (await openSource(file)).stream.destroy();
  const timeline = new Timeline(terminal);
  const directory = await mkdtemp(join(tmpdir(), 'eko-demo-'));
  let failure: EkoError | undefined;
  try {
    await playAll(directory, file, timeline, terminal, choice);
  } catch (error) {
    failure = asEkoError(error);
  }
  const { claims, elapsedMs } = timeline;
  const held = failure === undefined && claims.every((claim) => claim.held);
  terminal.result({ held, elapsedMs: Math.round(elapsedMs), claims }, [
    '',
    ...textTable([
      ['', 'what', 'measured'],
      ...claims.map((each) => [each.held ? 'holds' : 'FAILS', each.what, each.measured]),
    ]),
    '',
    held
      ? `Everything held, in ${formatMs(elapsedMs)}.`
      : `Not everything held; logs are in ${join(directory, 'logs')}`,
  ]);
  if (failure !== undefined) throw failure;
  if (!held) throw new EkoError('INTERNAL', 'A step of the demo did not hold', { details: { directory } });
  await rm(directory, { recursive: true, force: true });
}

async function playAll(
  directory: string,
  file: string,
  timeline: Timeline,
  terminal: Terminal,
  choice: LedgerChoice | undefined,
): Promise<void> {
  const { signal } = terminal;
  timeline.chapter(
    choice?.kind === 'fabric'
      ? '0. A network on this machine: nine nodes of three organisations, on Hyperledger Fabric'
      : '0. A network on this machine: ten processes, three organisations, nothing but Node',
  );
  if (choice?.kind !== 'fabric') timeline.detail(ONE_DOMAIN_OF_TRUST);
  const network = await DevNetwork.up({
    directory,
    ledger: choice,
    isTemporary: true,
    env: terminal.env,
    signal,
    onProgress: ({ name, step, ready, total }) => {
      terminal.progress.show({ label: 'starting', done: ready, total, detail: `${name} ${step}` });
      if (step === 'ready') timeline.tell(`${name} is ready (${ready}/${total})`);
    },
  });
  const over = new AbortController();
  const profile = await readFabricProfile(network.layout.readerProfile);
  const ledger = connectGatewayLedger({ profile });
  try {
    const stopped = AbortSignal.any([signal, network.stopRequested, over.signal]);
    const party = (nodeId: string): Promise<StagedParty> => stageParty(directory, nodeId, stopped);
    const stage: Stage = {
      network,
      ledger,
      profile,
      timeline,
      terminal,
      file,
      signal: stopped,
      log: new LedgerLog(ledger, stopped),
      initiator: await party(DEV_INITIATOR),
      provider: await party(DEV_PROVIDER),
    };
    timeline.claim(
      'the network came up',
      true,
      `${network.names.length} processes in ${formatMs(timeline.elapsedMs)}`,
    );
    await playFirstStream(stage);
    await playRevokedStream(stage);
    await playCrashedDealing(stage);
  } finally {
    over.abort();
    ledger.close();
    await network.down();
  }
}

async function stageParty(directory: string, nodeId: string, signal: AbortSignal): Promise<StagedParty> {
  const party = await networkParty(directory, nodeId);
  const access = { address: new URL(party.address), token: await readPartyToken(party.tokenFile) };
  return { access, api: new PartyApi(access, signal) };
}
