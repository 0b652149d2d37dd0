import { formatBytes, formatMs } from '../../../client-sdk/command/src/quantities';
import { ProgressLine, Terminal, renderProgress } from '../../../client-sdk/command/src/terminal';
import { textTable } from '../../../client-sdk/command/src/text-table';

function newTerminal(change: { isTTY?: boolean; isJson?: boolean; isQuiet?: boolean; CI?: string } = {}) {
  const printed = { stdout: '', stderr: '' };
  const { isTTY = true, isJson = false, isQuiet = false, CI = '' } = change;
  const terminal = new Terminal({
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { isTTY, write: (text) => (printed.stderr += text) },
    env: { CI },
    isJson,
    isQuiet,
    signal: new AbortController().signal,
  });
  return { terminal, printed };
}

describe('progress', () => {
  it('is a bar with its share', () => {
    expect(renderProgress({ label: 'sending', done: 1, total: 4, detail: '1 MB' })).toBe(
      'sending [######..................]  25 %  1 MB',
    );
    expect(renderProgress({ label: 'x', done: 9, total: 0 })).toBe('x [########################] 100 %');
  });

  it.each([
    ['no terminal', { isTTY: false }],
    ['--json', { isJson: true }],
    ['--quiet', { isQuiet: true }],
    ['continuous integration', { CI: 'true' }],
  ])('is silent with %s', (_why, change) => {
    const { terminal, printed } = newTerminal(change);
    terminal.progress.show({ label: 'x', done: 1, total: 2 });
    expect(printed).toEqual({ stdout: '', stderr: '' });
  });

  it('is taken away before anything else is printed', () => {
    const { terminal, printed } = newTerminal();
    terminal.progress.show({ label: 'x', done: 1, total: 2 });
    terminal.note('news');
    expect(printed.stderr.endsWith('\r\u001B[2Knews\n')).toBe(true);
  });

  it('fits its line', () => {
    let drawn = '';
    const line = new ProgressLine({ columns: 20, write: (text) => (drawn = text) }, true);
    line.show({ label: 'a long label indeed', done: 1, total: 2 });
    expect(drawn).toHaveLength('\r\u001B[2K'.length + 19);
  });
});

describe('a terminal', () => {
  it('prints results as text or as one line of JSON, and failures whatever else is silent', () => {
    const asText = newTerminal({ isQuiet: true });
    asText.terminal.note('unseen');
    asText.terminal.result({ block: 7n }, ['seven']);
    asText.terminal.failure({}, ['failed']);
    expect(asText.printed).toEqual({ stdout: 'seven\n', stderr: 'failed\n' });
    const asJson = newTerminal({ isJson: true });
    asJson.terminal.result({ block: 7n }, ['seven']);
    expect(asJson.printed).toEqual({ stdout: '{"block":"7"}\n', stderr: '' });
  });

  it('writes tables and quantities for people', () => {
    expect(
      textTable([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    bb', '---  --', 'ccc  d']);
    expect([0.4, 361.4358, 999, 999.7, 1_500, 2_000_000, 3.2e9].map(formatBytes)).toEqual([
      ...['0 B', '361 B', '999 B', '1.0 kB', '1.5 kB', '2.0 MB', '3.20 GB'],
    ]);
    expect([1.25, 12.4, 1_500].map(formatMs)).toEqual(['1.3 ms', '12 ms', '1.50 s']);
  });
});
