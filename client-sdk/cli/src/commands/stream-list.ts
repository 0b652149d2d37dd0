import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';
import { streamTable } from './stream-lines';

/** `eko stream list` */
export const streamList: Command = {
  path: ['stream', 'list'],
  summary: "list a party's streams",
  options: [
    { flags: '--state <state>', summary: 'requested, accepted, active or ended' },
    { flags: '--role <role>', summary: 'initiator or provider' },
    { flags: '--limit <count>', summary: 'most of them', standard: '50' },
    { flags: '--after <streamId>', summary: 'go on after this one' },
    ...partyOptions('initiator'),
  ],
  examples: ['stream list', 'stream list --state active --as provider', 'stream list --limit 10 --json'],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const state = input.oneOf('state', ['requested', 'accepted', 'active', 'ended']);
    const role = input.oneOf('role', ['initiator', 'provider']);
    const limit = input.integer('limit');
    const after = input.text('after');
    const page = await party.list({
      ...(state === undefined ? {} : { state }),
      ...(role === undefined ? {} : { role }),
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    });
    terminal.result(page, [
      ...streamTable(page.streams),
      ...(page.next === undefined ? [] : [`more: eko stream list --after ${page.next}`]),
    ]);
  },
};
