import { readToEnd } from '../../../support/in-process/read-to-end';
import { startStreamPair } from '../../../support/in-process/stream-pair';

describe('a side that is closed in the very turn in which the stream is handed out', () => {
  it('still reads everything that the other side sends', async () => {
    const pair = await startStreamPair({
      handler: (stream) => {
        stream.end('from the provider');
      },
    });
    const read: string[] = [];
    for (let turn = 1; turn <= 20; turn += 1) {
      const stream = await pair.connect();
      stream.end();
      read.push((await readToEnd(stream)).toString());
    }
    await pair.close();
    expect(read).toEqual(Array.from({ length: 20 }, () => 'from the provider'));
  });
});
