import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

jest.setTimeout(120_000);

const KEYS = 30_000;
/** Every collection of garbage is a full one, and there are many: where an export could meet one, it does. */
const FLAGS = ['--max-semi-space-size=1', '--gc-global'];
const PROTOCOL = join(__dirname, '../../../../client-sdk/protocol/dist/node/x25519-key.js');

it('makes key after key, whenever garbage is collected', () => {
  const program = `
    const { newX25519Key } = require(${JSON.stringify(PROTOCOL)});
    for (let made = 0; made < ${KEYS}; made += 1) newX25519Key();
    console.log('made');
  `;
  const child = spawnSync(process.execPath, [...FLAGS, '-e', program], { timeout: 90_000, encoding: 'utf8' });
  expect({ signal: child.signal, printed: child.stdout.trim(), errors: child.stderr }).toEqual({
    signal: null,
    printed: 'made',
    errors: '',
  });
});
