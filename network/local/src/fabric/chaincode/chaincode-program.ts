import { EkoError } from '@eko/protocol';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FabricLayout } from '../plan/fabric-layout';

/** What of the chaincode's folder runs: contracts and start program in one piece, and what says where they are. */
const BUNDLE = join('dist', 'bundle');
const MANIFEST = 'package.json';

/** The program of a release: what `npm start` of the chaincode runs. */
export const chaincodeMain = (layout: FabricLayout, release: number): string =>
  join(layout.chaincodeRelease(release), BUNDLE, 'main.js');

/** The folder of EKO's own chaincode. */
export const ownChaincode = (): string => dirname(require.resolve('@eko/chaincode/package.json'));

/**
 * Keeps a copy of the chaincode, as it is built now, as a release: whatever is built later, all peers of the network go
 * on running the same contracts, also after a restart. A release that was kept before stays as it is.
 *
 * @param source - the folder of the chaincode
 * @throws EkoError `BAD_STATE` where the chaincode is not built
 */
export async function keepRelease(layout: FabricLayout, release: number, source: string): Promise<void> {
  const kept = layout.chaincodeRelease(release);
  if (existsSync(kept)) return;
  if (!existsSync(join(source, BUNDLE, 'main.js'))) {
    throw new EkoError('BAD_STATE', 'The chaincode is not built: npm run build', { details: { source } });
  }
  const half = `${kept}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o700 });
  await cp(join(source, BUNDLE), join(half, BUNDLE), { recursive: true });
  await cp(join(source, MANIFEST), join(half, MANIFEST));
  // Fabric's own packages are found where the chaincode finds them.
  const shim = createRequire(join(source, MANIFEST)).resolve('fabric-shim/package.json');
  await symlink(dirname(dirname(shim)), join(half, 'node_modules'));
  await rename(half, kept);
}
