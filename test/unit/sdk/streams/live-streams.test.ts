import { inspect } from 'node:util';
import { EkoError } from '@eko/protocol';
import { LiveStreams, type StreamCredentials } from '@eko/sdk/node';
import { ManualClock } from '../../../support/simulated/manual-clock';
import { credentialsOf, newIdentity, newStreamKeys } from '../../../support/in-process/stream-credentials';

const DAY_MS = 24 * 3_600_000;

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof EkoError) return error.code;
    throw error;
  }
  return 'none';
};

const isWiped = ({ psk, confirmKey }: StreamCredentials): boolean => psk.isDisposed && confirmKey.isDisposed;

describe('LiveStreams', () => {
  const clock = new ManualClock();
  const keys = newStreamKeys();
  const notAfterUnixMs = () => clock.nowUnixMs() + 60_000;
  const fresh = (change: Parameters<typeof credentialsOf>[1] = {}) =>
    credentialsOf(keys, { notAfterUnixMs: notAfterUnixMs(), ...change });
  let streams: LiveStreams;
  beforeEach(() => {
    streams = new LiveStreams({ clock });
  });
  afterEach(() => {
    streams.close();
    expect(clock.waiting).toBe(0);
  });

  it('answers an identity in its own role only', () => {
    const credentials = fresh();
    streams.grant(credentials, 'provider');
    expect(streams.credentialsFor(keys.identity, 'provider')).toBe(credentials);
    expect(streams.credentialsFor(keys.identity, 'initiator')).toBeUndefined();
    expect(streams.credentialsFor(newIdentity(), 'provider')).toBeUndefined();
    const other = fresh();
    expect(codeOf(() => streams.grant(other, 'initiator'))).toBe('BAD_STATE');
    expect(isWiped(other)).toBe(true);
    expect(isWiped(credentials)).toBe(false);
  });

  it('wipes keys before it closes connections, and does both before `end` returns', () => {
    const first = fresh();
    const second = fresh({ identity: newIdentity('i2p', 2), epoch: 2 });
    streams.grant(first, 'provider');
    streams.grant(second, 'provider');
    const seen: unknown[] = [];
    for (const credentials of [first, first, second])
      streams.hold(credentials, (error) =>
        seen.push([error.code, error.details['reason'], isWiped(credentials)]),
      );
    expect(streams.connectionCount(keys.streamId)).toBe(3);
    expect(streams.end(keys.streamId, 'revoked')).toBe(3);
    expect(seen).toEqual(Array(3).fill(['STREAM_ENDED', 'revoked', true]));
    expect(isWiped(first) && isWiped(second)).toBe(true);
    expect(streams.connectionCount(keys.streamId)).toBe(0);
    expect(streams.credentialsFor(keys.identity, 'provider')).toBeUndefined();
  });

  it('counts a lost connection no longer, closes it with its stream, and lets only so many wait', async () => {
    const never = new Promise<Error>(() => undefined);
    const asking = new LiveStreams({ clock, reasonOfLoss: () => never });
    const credentials = asking.grant(fresh(), 'provider');
    const loss = new EkoError('STREAM_CUT', 'cut');
    const cuts = Array.from({ length: 66 }, () => jest.fn());
    const answers = cuts.map((cut) => {
      asking.hold(credentials, cut);
      return asking.lost(credentials, cut, loss);
    });
    expect(asking.connectionCount(keys.streamId)).toBe(0);
    expect(await Promise.all([answers[0], answers[1]])).toEqual([loss, loss]);
    expect(asking.end(keys.streamId, 'revoked')).toBe(64);
    expect(cuts.filter((cut) => cut.mock.calls.length > 0)).toHaveLength(64);
    asking.close();
  });

  it('leaves other streams alone', () => {
    const other = newStreamKeys();
    const credentials = credentialsOf(other, { notAfterUnixMs: notAfterUnixMs() });
    streams.grant(credentials, 'provider');
    const cut = jest.fn();
    streams.hold(credentials, cut);
    streams.end(keys.streamId, 'completed');
    expect(cut).not.toHaveBeenCalled();
    expect(isWiped(credentials)).toBe(false);
  });

  it('remembers an end for credentials that arrive after it, and keeps the first reason', () => {
    streams.end(keys.streamId, 'revoked');
    streams.end(keys.streamId, 'expired');
    expect(streams.endReason(keys.streamId)).toBe('revoked');
    const late = fresh();
    expect(codeOf(() => streams.grant(late, 'provider'))).toBe('STREAM_ENDED');
    expect(isWiped(late)).toBe(true);
  });

  it('remembers it for as long as a stream can last, whatever ends meanwhile', () => {
    streams.end(keys.streamId, 'revoked');
    for (const passedMs of [10 * 60_000 + 1, DAY_MS, 5 * DAY_MS]) {
      clock.advance(passedMs);
      streams.end(newStreamKeys().streamId, 'completed');
      const late = fresh();
      expect(codeOf(() => streams.grant(late, 'provider'))).toBe('STREAM_ENDED');
      expect(isWiped(late)).toBe(true);
    }
  });

  it('forgets an end when no credentials of the stream can be left', () => {
    streams.end(keys.streamId, 'revoked');
    clock.advance(7 * DAY_MS + 1);
    streams.end(newStreamKeys().streamId, 'revoked');
    expect(streams.endReason(keys.streamId)).toBeUndefined();
  });

  it('closes connections and wipes keys when the credentials expire', () => {
    const credentials = fresh();
    streams.grant(credentials, 'initiator');
    const reasons: unknown[] = [];
    streams.hold(credentials, (error) => reasons.push(error.details['reason']));
    clock.advance(59_999);
    expect(streams.credentialsFor(keys.identity, 'initiator')).toBe(credentials);
    clock.advance(1);
    expect(reasons).toEqual(['expired']);
    expect(isWiped(credentials)).toBe(true);
  });

  it('does not depend on a timer to refuse what has expired', () => {
    const credentials = fresh();
    streams.grant(credentials, 'provider');
    clock.skip(60_000);
    expect(streams.credentialsFor(keys.identity, 'provider')).toBeUndefined();
    expect(codeOf(() => streams.hold(credentials, jest.fn()))).toBe('STREAM_ENDED');
    expect(codeOf(() => streams.grant(fresh({ notAfterUnixMs: clock.nowUnixMs() }), 'provider'))).toBe(
      'STREAM_ENDED',
    );
  });

  it('waits for an expiry that is further away than a timer can reach', () => {
    const credentials = fresh({ notAfterUnixMs: clock.nowUnixMs() + 100 * DAY_MS });
    streams.grant(credentials, 'provider');
    clock.advance(99 * DAY_MS);
    expect(isWiped(credentials)).toBe(false);
    clock.advance(DAY_MS);
    expect(isWiped(credentials)).toBe(true);
  });

  it('keeps the first of equal credentials, and wipes the copy', () => {
    const first = fresh();
    expect(streams.grant(first, 'initiator')).toBe(first);
    expect(streams.grant(first, 'initiator')).toBe(first);
    const copy = fresh();
    expect(streams.grant(copy, 'initiator')).toBe(first);
    expect(isWiped(copy)).toBe(true);
    expect(isWiped(first)).toBe(false);
  });

  it.each([
    ['PSK', { psk: Buffer.alloc(32, 9) }],
    ['confirm key', { confirmKey: Buffer.alloc(32, 9) }],
    ['stream', { streamId: newStreamKeys().streamId }],
  ])('refuses another %s under the same identity', (_title, change) => {
    const first = fresh();
    streams.grant(first, 'provider');
    const other = fresh(change);
    expect(codeOf(() => streams.grant(other, 'provider'))).toBe('BAD_STATE');
    expect(isWiped(other)).toBe(true);
    expect(isWiped(first)).toBe(false);
  });

  it('forgets a connection that closed by itself', () => {
    const credentials = fresh();
    streams.grant(credentials, 'provider');
    const cut = jest.fn();
    streams.hold(credentials, cut)();
    expect(streams.connectionCount(keys.streamId)).toBe(0);
    expect(streams.end(keys.streamId, 'revoked')).toBe(0);
    expect(cut).not.toHaveBeenCalled();
  });

  it('holds nothing for credentials that were not granted', () => {
    expect(codeOf(() => streams.hold(fresh(), jest.fn()))).toBe('BAD_STATE');
  });

  it.each([
    ['a PSK of 31 bytes', { psk: Buffer.alloc(31, 7) }],
    ['a PSK of 33 bytes', { psk: Buffer.alloc(33, 7) }],
    ['a PSK that TLS would quote in its error', { psk: Buffer.from('never-print-this'.repeat(64)) }],
    ['an empty confirm key', { confirmKey: Buffer.alloc(0) }],
    ['an identity with a line feed', { identity: `${newIdentity().slice(0, 24)}\n.1.i2p` }],
    ['an identity that ends in a line feed', { identity: `${newIdentity()}\n` }],
    ['an identity of 300 characters', { identity: 'a'.repeat(300) }],
    ['an empty identity', { identity: '' }],
    ['no expiry', { notAfterUnixMs: Number.NaN }],
  ])('refuses and wipes %s', (_title, change) => {
    const credentials = fresh(change);
    let caught: unknown;
    try {
      streams.grant(credentials, 'provider');
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'INVALID_KEY' });
    expect(isWiped(credentials)).toBe(true);
    expect(inspect(caught, { showHidden: true }) + JSON.stringify(caught)).not.toMatch(
      /never-print-this|\\n\.1/,
    );
  });

  it('closes everything on `close` without calling the streams ended', () => {
    const credentials = fresh();
    streams.grant(credentials, 'provider');
    const codes: string[] = [];
    streams.hold(credentials, (error) => codes.push(error.code));
    streams.close();
    expect(codes).toEqual(['SHUTTING_DOWN']);
    expect(isWiped(credentials)).toBe(true);
    expect(streams.endReason(keys.streamId)).toBeUndefined();
  });
});
