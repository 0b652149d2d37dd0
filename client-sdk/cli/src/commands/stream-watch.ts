import { parseStreamId } from '@eko/protocol';
import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';

/** `eko stream watch` */
export const streamWatch: Command = {
  path: ['stream', 'watch'],
  summary: "follow the ledger's events as a party sees them, until Ctrl-C or the end of the stream",
  operands: [{ form: '[streamId]', summary: 'only what concerns this one; without it, everything' }],
  options: partyOptions('initiator'),
  examples: [
    'stream watch',
    'stream watch 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream watch --as provider --json',
  ],
  async run(input, terminal) {
    const streamId = input.operand(0);
    const bundleId = streamId === undefined ? undefined : parseStreamId(streamId).bundleId;
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const isOver = async (): Promise<boolean> =>
      streamId !== undefined && (await party.show(streamId)).state === 'ended';
    if (await isOver()) return;
    for await (const { id, name, data } of party.events(terminal.signal)) {
      if (bundleId !== undefined && !data.includes(bundleId)) continue;
      const payload: unknown = JSON.parse(data);
      const [block = '', txId = ''] = id.split('/');
      terminal.result({ block, txId, name, payload }, [`block ${block}  ${name}  transaction ${txId}`]);
      if (await isOver()) return;
    }
  },
};
