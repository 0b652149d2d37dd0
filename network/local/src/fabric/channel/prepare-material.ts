import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '@eko/protocol/node';
import { CHANNEL_PROFILE, channelConfiguration } from '../configuration/channel-configuration';
import { cryptoConfiguration } from '../configuration/crypto-configuration';
import { renderYaml } from '../configuration/render-yaml';
import type { NetworkContext } from '../network-context';
import { taskName } from '../programs/peer-command';
import { runProgram } from '../../processes/run-program';

const DEADLINE_MS = 60_000;

/**
 * Makes the certificates and keys of all organisations, once.
 *
 * @throws EkoError as `runProgram`
 */
export async function prepareCrypto({
  layout,
  topology,
  programs,
  signal,
  report,
}: NetworkContext): Promise<void> {
  if (existsSync(layout.crypto)) return;
  report('making certificates and keys');
  const half = `${layout.crypto}.new`;
  const configuration = join(layout.directory, 'crypto-config.yaml');
  await rm(half, { recursive: true, force: true });
  await mkdir(layout.directory, { recursive: true, mode: 0o700 });
  await writeWhole(configuration, renderYaml(cryptoConfiguration(topology)));
  await runProgram({
    program: programs.paths.cryptogen,
    args: ['generate', `--config=${configuration}`, `--output=${half}`],
    deadlineMs: DEADLINE_MS,
    signal,
    shownAs: taskName(layout.directory, 'cryptogen'),
  });
  await rm(configuration);
  await rename(half, layout.crypto);
}

/**
 * Makes the first block of every channel that has none yet.
 *
 * @throws EkoError as `runProgram`
 */
export async function prepareGenesisBlocks(context: NetworkContext): Promise<void> {
  const { layout, plan, topology, programs, signal, report } = context;
  for (const channel of plan.channels) {
    const block = layout.genesisBlock(channel);
    if (existsSync(block)) continue;
    report(`making the first block of channel ${channel}`);
    const folder = layout.channelConfiguration(channel);
    await writeWhole(
      join(folder, 'configtx.yaml'),
      renderYaml(channelConfiguration(plan, topology, layout.crypto)),
    );
    await runProgram({
      program: programs.paths.configtxgen,
      args: ['-profile', CHANNEL_PROFILE, '-channelID', channel, '-outputBlock', `${block}.new`],
      env: { FABRIC_CFG_PATH: folder },
      deadlineMs: DEADLINE_MS,
      signal,
      shownAs: taskName(layout.directory, 'configtxgen'),
    });
    await rename(`${block}.new`, block);
  }
}
