import { runProgram } from '../../../../network/local/src/processes/run-program';

describe('programs that end by themselves', () => {
  it('give no part of an output for the whole', async () => {
    const flood = runProgram({
      program: '/bin/sh',
      args: ['-c', 'head -c 17000000 /dev/zero'],
      deadlineMs: 20_000,
    });
    await expect(flood.then(({ stdout }) => stdout.length)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});
