import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';
import { streamLines, streamTable } from './stream-lines';
import { EkoError, parseStreamId } from '@eko/protocol';
import { BundleId } from '@eko/protocol/ledger';
import { fits } from '@eko/protocol/encoding';

/** `eko stream list` */
export const streamList: Command = {
  path: ['stream', 'list'],
  summary: "list a party's streams",
  options: [
    { flags: '--state <state>', summary: 'requested, accepted, active or ended' },
    { flags: '--role <role>', summary: 'initiator or provider' },
    { flags: '--limit <count>', summary: 'most of them', defaultValue: '50' },
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

/** `eko stream show` */
export const streamShow: Command = {
  path: ['stream', 'show'],
  summary: 'show one stream: its state, transactions and witnesses',
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: partyOptions('initiator'),
  examples: [
    'stream show 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream show 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --as provider',
    'stream show 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const stream = await party.show(input.requiredOperand(0));
    terminal.result(stream, streamLines(stream));
  },
};

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

/** `eko stream accept` */
export const streamAccept: Command = {
  path: ['stream', 'accept'],
  summary: 'consent to a bundle that no standing offer covers, as its provider',
  operands: [{ form: '<bundleId>', summary: 'the part of the stream ID before the slash' }],
  options: partyOptions('provider'),
  examples: [
    'stream accept 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11',
    'stream accept 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11 --party http://127.0.0.1:8080 --token-file api.token',
    'stream accept 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11 --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const bundleId = input.requiredOperand(0);
    if (!fits(BundleId, bundleId)) {
      const text = 'A bundle ID is a UUID in lower case: the part of a stream ID before the slash';
      throw new EkoError('INVALID_ARGUMENT', text, {
        details: { next: 'see which streams wait: eko stream list --state requested --as provider' },
      });
    }
    const bundle = await party.accept(bundleId);
    terminal.result(bundle, streamTable(bundle.streams));
  },
};

/** `eko stream end` */
export const streamEnd: Command = {
  path: ['stream', 'end'],
  summary: 'end a stream as completed; its key is destroyed',
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: partyOptions('initiator'),
  examples: [
    'stream end 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream end 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --as provider',
    'stream end 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const stream = await party.complete(input.requiredOperand(0));
    terminal.result(stream, streamLines(stream));
  },
};

/** `eko stream revoke` */
export const streamRevoke: Command = {
  path: ['stream', 'revoke'],
  summary:
    'take a stream away: honest nodes destroy what they have of its key, its connections are cut, nobody gets back in',
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: [{ flags: '--note <text>', summary: 'a public reason' }, ...partyOptions('provider')],
  examples: [
    'stream revoke 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream revoke 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --note "laptop stolen"',
    'stream revoke 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --as initiator --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const stream = await party.revoke(input.requiredOperand(0), input.text('note'));
    terminal.result(stream, streamLines(stream));
  },
};
