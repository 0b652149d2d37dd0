import { cp, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What the bench imports, and what that imports, by its place in a checkout. */
const LINKED = ['client-sdk', 'network', 'chaincode', 'node_modules', 'package.json'];
const BUILT = 'network/local/dist/dev/dev-network.js';

/**
 * Makes a folder in which these very bench files run on another checkout: copies of them beside links to it. The checkout
 * itself is not touched.
 *
 * @param checkout - a folder of EKO that is built
 * @param work - gets the folder that stands for the checkout, which goes afterwards
 */
export async function withStagedCheckout(checkout, work) {
  const root = resolve(checkout);
  await stat(join(root, BUILT)).catch(() => {
    throw new Error(`${root} is no built checkout of EKO: it has no ${BUILT}`);
  });
  const stage = await mkdtemp(join(tmpdir(), 'eko-bench-other-'));
  try {
    for (const name of LINKED) await symlink(join(root, name), join(stage, name));
    await cp(import.meta.dirname, join(stage, 'test', 'bench'), { recursive: true });
    return await work(stage);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
