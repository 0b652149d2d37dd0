import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { requireEndMark } from '../../../../client-sdk/sdk/src/streams/end-mark';
import { takeBody } from '../../../../network/party/src/http/transfer-bodies';
import { Transfers } from '../../../../network/party/src/http/transfers';
import { rejectionOf } from '../../../support/coded-error';

const STREAM = { bundleId: '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e', index: 0 };
const mark = (fill: number): Buffer => Buffer.alloc(32, fill);
const MARKS = { own: { sent: mark(1), read: mark(2) }, peer: { sent: mark(3), read: mark(4) } };
const silent = (): void => undefined;

describe('a body that is sent', () => {
  /** A connection whose peer says what the test pushes, a transfer over it, and what comes of that. */
  const sending = () => {
    let ended = silent;
    const isEnded = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const connection = new Duplex({
      read: silent,
      write: (_chunk, _encoding, done) => done(),
      final: (done) => {
        ended();
        done();
      },
    });
    connection.on('error', silent);
    const granted = { incoming: true, outgoing: true, onRefused: silent };
    const { proved, handOut } = requireEndMark(connection, MARKS, granted);
    proved();
    handOut();
    connection.resume();
    const request = new IncomingMessage(new Socket());
    const transfer = new Transfers().begin(STREAM, 'send');
    const answer = new ServerResponse(request);
    const outcome = takeBody(request, answer, connection, transfer, silent);
    const say = (last: Buffer): void => {
      connection.push(last);
      connection.push(null);
    };
    return { request, connection, transfer, answer, outcome, isEnded, say };
  };
  const endBody = (request: IncomingMessage): void => {
    request.push('all of it');
    request.push(null);
  };

  it('is sent when the other side has ended and says that it read all', async () => {
    const { request, transfer, answer, outcome, isEnded, say } = sending();
    endBody(request);
    await isEnded;
    say(MARKS.peer.read);
    await outcome;
    expect([transfer.state, transfer.bytes, answer.statusCode]).toEqual(['done', 9, 200]);
  });

  it('is not sent where the end of the other side was under way before it could know', async () => {
    const { request, transfer, outcome, isEnded, say } = sending();
    const refused = rejectionOf(outcome);
    endBody(request);
    await isEnded;
    say(MARKS.peer.sent);
    expect((await refused).code).toBe('BAD_STATE');
    expect(transfer.state).not.toBe('done');
  });

  it('is not sent where the other side ends before', async () => {
    const { request, outcome, say } = sending();
    const refused = rejectionOf(outcome);
    request.push('a part');
    say(MARKS.peer.sent);
    expect((await refused).code).toBe('BAD_STATE');
  });

  it('is not sent where the other side sends too', async () => {
    const { connection, outcome } = sending();
    const refused = rejectionOf(outcome);
    connection.push('hello');
    expect((await refused).code).toBe('BAD_STATE');
  });

  it('is not sent where the other side goes without a word', async () => {
    const { request, connection, outcome, isEnded } = sending();
    const failed = expect(outcome).rejects.toThrow();
    endBody(request);
    await isEnded;
    connection.push(null);
    await failed;
  });
});
