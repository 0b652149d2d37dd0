import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eko } from '../support/processes/eko-process';

const TIMEOUT_MS = 120_000;

interface Told {
  readonly held: boolean;
  readonly claims: readonly { readonly what: string; readonly held: boolean; readonly measured: string }[];
}

describe('the demo', () => {
  it(
    'ends with status 0, every step held, and every try to get back in refused with its reason',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'eko-e2e-'));
      const file = join(folder, 'file');
      writeFileSync(file, randomBytes(300_000));
      const { status, stdout, stderr } = await eko('demo', '--file', file, '--json');
      rmSync(folder, { recursive: true });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { held, claims } = JSON.parse(stdout) as Told;
      expect(held).toBe(true);
      expect(claims.filter((claim) => !claim.held)).toEqual([]);
      const refusals = claims
        .filter(({ what }) => what.startsWith('no way back'))
        .map((each) => each.measured);
      expect(refusals).toEqual([
        '4 tries: 4 x HANDSHAKE_REFUSED',
        '4 tries: 4 x HANDSHAKE_REFUSED',
        '4 tries: 4 x STREAM_ENDED',
        expect.stringMatching(/^4 tries: (\d x (STREAM_ENDED|NO_PERMIT)(, )?)+$/),
        '4 tries: 4 x FORBIDDEN',
      ]);
      const counted = claims.find(({ what }) => what.startsWith('the shares are gone'))?.measured;
      expect(counted).toMatch(/^(shares held by witness-\d: 2 -> 0(, |$)){3}$/);
    },
    TIMEOUT_MS,
  );

  it('refuses a file that cannot be read, before it starts anything', async () => {
    const { status, stderr } = await eko('demo', '--file', '/nonexistent/file');
    expect(status).toBe(2);
    expect(stderr).toContain('INVALID_ARGUMENT');
  });
});
