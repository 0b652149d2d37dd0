import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SHOW = 'console.log(typeof EkoClient.connect, typeof connectGatewayLedger, typeof connectSecureStream)';

describe('the built SDK', () => {
  it.each([
    [
      'ECMAScript',
      'module',
      `import { EkoClient, connectGatewayLedger } from '@eko/sdk'; import { connectSecureStream } from '@eko/sdk/node';`,
    ],
    [
      'CommonJS',
      'commonjs',
      `const { EkoClient, connectGatewayLedger } = require('@eko/sdk'); const { connectSecureStream } = require('@eko/sdk/node');`,
    ],
  ])('can be imported from %s modules', async (_form, type, importLine) => {
    const { stdout } = await run(process.execPath, [`--input-type=${type}`, '-e', `${importLine}\n${SHOW}`], {
      cwd: __dirname,
      timeout: 30_000,
    });
    expect(stdout.trim()).toBe('function function function');
  });
});
