import { once } from 'node:events';
import { Duplex } from 'node:stream';
import {
  answerForReader,
  isReadByPeer,
  requireEndMark,
} from '../../../../client-sdk/sdk/src/streams/end-mark';
import type { GrantedDirections } from '../../../../client-sdk/sdk/src/streams/granted-directions';
import { readToEnd } from '../../../support/in-process/read-to-end';

const OWN = Buffer.alloc(32, 1);
const OWN_READ = Buffer.alloc(32, 4);
const PEER = Buffer.alloc(32, 2);
const PEER_READ = Buffer.alloc(32, 5);
const MARKS = { own: { sent: OWN, read: OWN_READ }, peer: { sent: PEER, read: PEER_READ } };
const CUT = expect.objectContaining({ code: 'STREAM_CUT' }) as unknown;

/** A connection whose peer says what the test pushes; keeps what was written to it. */
function connection(granted: Partial<GrantedDirections> = {}) {
  const refused: string[] = [];
  const written: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      done();
    },
    final: (done) => {
      written.push(Buffer.from('closed'));
      done();
    },
  });
  socket.on('error', () => undefined);
  const onRefused = (direction: string): void => {
    refused.push(direction);
  };
  const all = { incoming: true, outgoing: true, onRefused, ...granted };
  return { socket, written, refused, ...requireEndMark(socket, MARKS, all) };
}

describe('the mark of an end', () => {
  it('is the last that is written before the connection is closed', async () => {
    const { socket, written } = connection();
    socket.write('data');
    await new Promise<void>((resolve) => socket.end('more', resolve));
    expect(written.map(String)).toEqual(['data', 'more', String(OWN), 'closed']);
  });

  it('lets the end through, and is not handed to the reader', async () => {
    const { socket, proved, handOut } = connection();
    proved();
    handOut();
    socket.push('data');
    socket.push(PEER);
    socket.push(null);
    expect((await readToEnd(socket)).toString()).toBe('data');
    expect(socket.errored).toBeNull();
  });

  it('ends nothing before the stream is handed out', async () => {
    const { socket, proved, handOut } = connection();
    let sawEnd = false;
    socket.once('end', () => {
      sawEnd = true;
    });
    proved();
    socket.push(PEER);
    socket.push(null);
    socket.read(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sawEnd).toBe(false);
    handOut();
    await once(socket, 'end');
  });

  it.each([
    ['nothing', undefined],
    ['the own mark', OWN],
    ['the own mark of a reader', OWN_READ],
    ['another mark', Buffer.alloc(32, 3)],
    ['a part of the mark', PEER.subarray(0, 31)],
    ['data that ends with the mark', Buffer.concat([Buffer.from('data'), PEER])],
  ])('is missed behind %s', (_title, last) => {
    const { socket, proved } = connection();
    proved();
    if (last !== undefined) socket.push(last);
    socket.push(null);
    expect(socket.errored).toEqual(CUT);
  });

  it('says that all was read where it was, and only there', async () => {
    const { socket, written, proved, handOut } = connection();
    proved();
    handOut();
    socket.push('data');
    socket.push(PEER);
    socket.push(null);
    await readToEnd(socket);
    await new Promise<void>((resolve) => socket.end(resolve));
    expect(written[0]).toEqual(OWN_READ);
    const other = connection();
    other.proved();
    other.handOut();
    other.socket.push('unread');
    other.socket.push(PEER);
    other.socket.push(null);
    await new Promise<void>((resolve) => other.socket.end(resolve));
    expect(other.written[0]).toEqual(OWN);
  });

  it('lets somebody else answer for the reader', async () => {
    for (const hasRead of [true, false]) {
      const { socket, written } = connection();
      answerForReader(socket, () => hasRead);
      await new Promise<void>((resolve) => socket.end(resolve));
      expect(written[0]).toEqual(hasRead ? OWN_READ : OWN);
    }
  });

  it('confirms what was sent only where it says so, also where it comes behind the own', async () => {
    for (const [mark, confirms] of [
      [PEER, false],
      [PEER_READ, true],
    ] as const) {
      const { socket, proved, handOut } = connection();
      proved();
      handOut();
      await new Promise<void>((resolve) => socket.end('data', resolve));
      socket.push(mark);
      socket.push(null);
      await readToEnd(socket);
      expect([socket.errored, isReadByPeer(socket)]).toEqual([null, confirms]);
    }
  });

  it('is a lie where it says that an end was read that was not sent', () => {
    const { socket, proved, handOut } = connection();
    proved();
    handOut();
    socket.push(PEER_READ);
    expect([socket.errored, isReadByPeer(socket)]).toEqual([CUT, false]);
  });

  it('is followed by nothing', () => {
    const { socket, proved } = connection();
    proved();
    socket.push(PEER);
    socket.push('more');
    expect(socket.errored).toEqual(CUT);
  });

  it('is asked of nobody before the peer has proved itself, and then of who has ended already, too', () => {
    const { socket, proved } = connection();
    socket.push('a confirmation');
    socket.push(null);
    expect(socket.errored).toBeNull();
    proved();
    expect(socket.errored).toEqual(CUT);
  });
});

const NOT_GRANTED = expect.objectContaining({ code: 'DIRECTION_NOT_GRANTED' }) as unknown;

describe('a direction that is not granted', () => {
  it('delivers no byte that comes in, not even one that came with the confirmation, and is counted', async () => {
    for (const when of ['with the confirmation', 'after the proof', 'after it was handed out']) {
      const { socket, proved, handOut, refused } = connection({ incoming: false });
      const seen = jest.fn();
      if (when === 'with the confirmation') socket.push('x');
      proved();
      if (when === 'after the proof') socket.push('x');
      if (when !== 'after it was handed out') {
        expect(socket.errored).toEqual(NOT_GRANTED);
        continue;
      }
      handOut();
      socket.on('data', seen);
      socket.push('x');
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen).not.toHaveBeenCalled();
      expect(socket.errored).toEqual(NOT_GRANTED);
      expect(refused).toEqual(['incoming']);
    }
  });

  it('lets the end through all the same, and what is written', async () => {
    const { socket, proved, handOut, written, refused } = connection({ incoming: false });
    proved();
    handOut();
    socket.push(PEER);
    socket.push(null);
    expect(await readToEnd(socket)).toHaveLength(0);
    await new Promise<void>((resolve) => socket.end('data', resolve));
    expect(written.map(String)).toEqual(['data', String(OWN_READ), 'closed']);
    expect(refused).toEqual([]);
  });

  it.each(['write', 'writev'])('sends no byte that is written (%s), and tells the writer', async (how) => {
    const { socket, proved, handOut, written, refused } = connection({ outgoing: false });
    proved();
    handOut();
    if (how === 'writev') socket.cork();
    socket.write('');
    const failure = new Promise((resolve) => socket.write('x', resolve));
    if (how === 'writev') socket.uncork();
    expect(await failure).toEqual(NOT_GRANTED);
    expect(socket.errored).toEqual(NOT_GRANTED);
    expect(written).toEqual([]);
    expect(refused).toEqual(['outgoing']);
  });

  it('ends without data, and reads', async () => {
    const { socket, proved, handOut, written } = connection({ outgoing: false });
    proved();
    handOut();
    socket.push('data');
    socket.push(PEER);
    socket.push(null);
    expect((await readToEnd(socket)).toString()).toBe('data');
    await new Promise<void>((resolve) => socket.end(resolve));
    expect(written.map(String)).toEqual([String(OWN_READ), 'closed']);
  });
});
