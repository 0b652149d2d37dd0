import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileInArchive, namesInArchive, unpackArchive } from '../../support/data/unpacked';
import { commandLine } from '../../support/in-process/command-line';
import { hasFabricPrograms, NO_FABRIC } from '../../support/processes/fabric-programs';
import { temporaryFolders } from '../../support/temporary-folder';
import { describeIf } from '../../support/skip';

const newFolder = temporaryFolders();
const CHAINCODE = join(__dirname, '../../../chaincode');

/** Runs Fabric's `peer` where no network is: packaging needs a configuration file and nothing in it. */
function peer(...args: readonly string[]): string {
  const folder = newFolder();
  writeFileSync(join(folder, 'core.yaml'), 'peer: {}\n');
  const { FABRIC_BIN: bin = '', ...env } = process.env;
  return execFileSync(bin === '' ? 'peer' : join(bin, 'peer'), args, {
    env: { ...env, FABRIC_CFG_PATH: folder },
    encoding: 'utf8',
    timeout: 30_000,
  });
}

describeIf(hasFabricPrograms(), NO_FABRIC, 'a package that eko wrote, and the same of peer', () => {
  const packages = async (
    chaincode: string,
  ): Promise<{ ours: string; theirs: string; packageId: string }> => {
    const folder = newFolder();
    const [ours, theirs] = [join(folder, 'ours.tar.gz'), join(folder, 'theirs.tar.gz')];
    const { stdout } = await commandLine([
      ...['chaincode', 'package', '--path', chaincode, '--label', 'eko_1', '--output', ours, '--json'],
    ]);
    peer(
      ...['lifecycle', 'chaincode', 'package', theirs, '--path', chaincode],
      '--lang',
      'node',
      '--label',
      'eko_1',
    );
    return { ours, theirs, packageId: (JSON.parse(stdout) as { packageId: string }).packageId };
  };
  const codeOf = (file: string): Buffer => fileInArchive(readFileSync(file), 'code.tar.gz');

  it("hold the same files of EKO's chaincode, byte for byte", async () => {
    const { ours, theirs } = await packages(CHAINCODE);
    const names = namesInArchive(codeOf(theirs));
    expect(names).toContain('src/dist/bundle/main.js');
    expect(namesInArchive(codeOf(ours))).toEqual(names);
    const [left, right] = [ours, theirs].map((file) => {
      const folder = newFolder();
      unpackArchive(codeOf(file), folder);
      return folder;
    });
    const differing = names.filter(
      (name) => !readFileSync(join(left!, name)).equals(readFileSync(join(right!, name))),
    );
    expect(differing).toEqual([]);
  });

  it('agree on what is left out, and on where indexes go', async () => {
    const folder = newFolder();
    const files = {
      'package.json': '{ "main": "index.js", "version": "1.0.0" }',
      'index.js': '',
      '.npmrc': '',
      'lib/.hidden/x.js': '',
      'lib/node_modules/x.js': '',
      'node_modules/x/index.js': '',
      '.git/HEAD': '',
      'META-INF/statedb/couchdb/indexes/.DS_Store': '',
      'META-INF/statedb/couchdb/indexes/byNode.json': '{"index":{"fields":["node"]},"ddoc":"d","name":"n"}',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { ours, theirs } = await packages(folder);
    expect(namesInArchive(codeOf(ours))).toEqual(namesInArchive(codeOf(theirs)));
  });

  it('have the form and the package ID that peer tells of ours', async () => {
    const { ours, theirs, packageId } = await packages(CHAINCODE);
    expect(namesInArchive(readFileSync(ours))).toEqual(namesInArchive(readFileSync(theirs)));
    expect(peer('lifecycle', 'chaincode', 'calculatepackageid', ours).trim()).toBe(packageId);
  });
});
