import { CertificateAuthority } from '@eko/msp';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lifecyclePackage } from '../../../../network/local/src/fabric/chaincode/lifecycle-package';
import { packedFiles } from '../../../../network/local/src/fabric/chaincode/packed-files';
import { storedGzip } from '../../../../network/local/src/fabric/chaincode/tar-archive';
import { tarArchive } from '../../../../network/local/src/fabric/chaincode/tar-archive';
import { gunzipSync } from 'node:zlib';
import { fileInArchive, namesInArchive } from '../../../support/data/unpacked';
import { commandLine } from '../../../support/in-process/command-line';
import { codedError, rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

const INDEX = 'META-INF/statedb/couchdb/indexes/byNode.json';

/** A chaincode folder with these files, each of which holds its own name. */
function chaincodeWith(...paths: readonly string[]): string {
  const folder = newFolder();
  for (const path of ['package.json', 'dist/index.js', ...paths]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
  writeFileSync(join(folder, 'package.json'), '{ "main": "dist/index.js", "version": "1.2.3" }');
  return folder;
}

const namesPacked = async (folder: string): Promise<readonly string[]> =>
  (await packedFiles(folder)).map(({ name }) => name);

describe('the files that a package takes from a folder', () => {
  it('are all but dependencies and history, at every depth', async () => {
    const folder = chaincodeWith(
      '.dockerignore',
      'dist/node_modules/x/index.js',
      'node_modules/x/index.js',
      '.git/HEAD',
      'src/.git/HEAD',
      '.github/x.yaml',
    );
    expect(await namesPacked(folder)).toEqual([
      'src/.dockerignore',
      'src/.github/x.yaml',
      'src/dist/index.js',
      'src/package.json',
    ]);
  });

  it('keep indexes outside src, and drop hidden files beside them', async () => {
    const folder = chaincodeWith(INDEX, 'META-INF/statedb/couchdb/indexes/.DS_Store');
    expect(await namesPacked(folder)).toEqual([INDEX, 'src/dist/index.js', 'src/package.json']);
  });

  it('include what a link to a file leads to', async () => {
    const folder = chaincodeWith('LICENSE');
    symlinkSync(join(folder, 'LICENSE'), join(folder, 'COPYING'));
    const linked = (await packedFiles(folder)).find(({ name }) => name === 'src/COPYING');
    expect(Buffer.from(linked!.content).toString()).toBe('LICENSE');
  });

  it.each([
    ['something else than an index under META-INF', () => chaincodeWith('META-INF/metadata.json')],
    [
      'a link to a folder',
      () => {
        const folder = chaincodeWith('lib/x.js');
        symlinkSync(join(folder, 'lib'), join(folder, 'linked'));
        return folder;
      },
    ],
    ['no package.json', newFolder],
  ])('are refused with %s, as a peer would', async (_what, make) => {
    expect(await rejectionOf(packedFiles(make()))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('an archive of a package', () => {
  const FILES = [
    { name: 'empty', content: new Uint8Array() },
    { name: 'one-block', content: Buffer.alloc(512, 'x') },
    { name: `${'folder/'.repeat(20)}long.json`, content: Buffer.from('{}') },
    { name: 'two-stored-blocks', content: Buffer.alloc(70_000, 'y') },
  ];

  it('is read back by the tar and gzip of this machine', () => {
    const archive = storedGzip(tarArchive(FILES));
    expect(namesInArchive(archive)).toEqual(FILES.map(({ name }) => name).sort());
    for (const { name, content } of FILES) expect(fileInArchive(archive, name).equals(content)).toBe(true);
  });

  it.each([0, 1, 65_534, 65_535, 65_536, 131_070])('gives back %d bytes', (size) => {
    const content = Buffer.alloc(size, 'z');
    expect(gunzipSync(storedGzip(content)).equals(content)).toBe(true);
  });

  it('refuses a name that the form cannot hold', () => {
    const files = [{ name: 'x'.repeat(101), content: new Uint8Array() }];
    expect(codedError(() => tarArchive(files)).code).toBe('INVALID_ARGUMENT');
  });

  it('has the same bytes on every machine', () => {
    const { bytes } = lifecyclePackage('node', 'eko_1', FILES);
    // Of the first run; another value would mean another package ID for the same chaincode.
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      '29eb9d61aa8031590df4d65f90cfb9cf956cffb2aff77c063781b72fa77d3d4e',
    );
  });

  it.each(['', '-x', 'a b', 'a/b', 'x'.repeat(65)])('refuses the label %j', (label) => {
    expect(codedError(() => lifecyclePackage('node', label, [])).code).toBe('INVALID_ARGUMENT');
  });
});

describe('eko chaincode package', () => {
  const packaged = async (...args: readonly string[]) => {
    const output = join(newFolder(), 'eko.tar.gz');
    const { status, stdout, stderr } = await commandLine([
      ...['chaincode', 'package', '--output', output, '--json'],
      ...args,
    ]);
    if (status !== 0) return { status, code: (JSON.parse(stderr) as { error: { code: string } }).error.code };
    const bytes = readFileSync(output);
    return { status, bytes, result: JSON.parse(stdout) as Record<string, unknown> };
  };
  const connectionIn = (bytes: Uint8Array | undefined): unknown =>
    JSON.parse(fileInArchive(fileInArchive(bytes!, 'code.tar.gz'), 'connection.json').toString());

  it('packs code under the label of its version, twice to the same package ID', async () => {
    const folder = chaincodeWith();
    const { bytes, result } = await packaged('--path', folder);
    expect(namesInArchive(bytes!)).toEqual(['code.tar.gz', 'metadata.json']);
    expect(JSON.parse(fileInArchive(bytes!, 'metadata.json').toString())).toEqual({
      path: 'chaincode',
      type: 'node',
      label: 'eko_1.2.3',
    });
    const hash = createHash('sha256').update(bytes!).digest('hex');
    expect(result).toMatchObject({ type: 'node', label: 'eko_1.2.3', packageId: `eko_1.2.3:${hash}` });
    expect((await packaged('--path', folder)).bytes!.equals(bytes!)).toBe(true);
  });

  it('packs the way to a service of test-network unless told another', async () => {
    const { bytes } = await packaged('--path', chaincodeWith(), '--ccaas', '--label', 'eko_1.0');
    expect(JSON.parse(fileInArchive(bytes!, 'metadata.json').toString())).toEqual({
      type: 'ccaas',
      label: 'eko_1.0',
    });
    expect(connectionIn(bytes)).toEqual({
      address: '{{.peername}}_eko_ccaas:9999',
      dial_timeout: '10s',
      tls_required: false,
    });
  });

  describe('with TLS', () => {
    let files: { ca: string; cert: string; key: string };
    let service: readonly string[];
    beforeAll(async () => {
      const authority = await CertificateAuthority.create('tlsca', 'org1');
      const { certificatePem, privateKeyPem } = await authority.issue({ commonName: 'peer0' });
      const folder = newFolder();
      const written = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      files = {
        ca: written('ca.pem', authority.root.certificatePem),
        cert: written('cert.pem', certificatePem),
        key: written('key.pem', privateKeyPem),
      };
      service = [
        '--path',
        chaincodeWith(),
        '--ccaas',
        '--address',
        'cc.example.com:9999',
        '--dial-timeout',
        '3s',
      ];
    });
    const text = (file: string): string => readFileSync(file, 'utf8');

    it('says whom to trust', async () => {
      const { bytes } = await packaged(...service, '--tls', '--root-cert', files.ca);
      expect(connectionIn(bytes)).toEqual({
        address: 'cc.example.com:9999',
        dial_timeout: '3s',
        tls_required: true,
        root_cert: text(files.ca),
        client_auth_required: false,
      });
    });

    it('brings what the peer shows of itself', async () => {
      const client = ['--client-cert', files.cert, '--client-key', files.key];
      const { bytes } = await packaged(...service, '--tls', '--root-cert', files.ca, ...client);
      expect(connectionIn(bytes)).toMatchObject({
        client_auth_required: true,
        client_cert: text(files.cert),
        client_key: text(files.key),
      });
    });

    it.each([
      ['without a root', () => [], 'INVALID_ARGUMENT'],
      ['with a root that is not there', () => ['--root-cert', 'absent.pem'], 'NOT_FOUND'],
      ['with a key in place of a root', () => ['--root-cert', files.key], 'INVALID_ARGUMENT'],
      [
        'with a key of another certificate',
        () => ['--root-cert', files.ca, '--client-cert', files.ca, '--client-key', files.key],
        'INVALID_ARGUMENT',
      ],
      [
        'with half of a client',
        () => ['--root-cert', files.ca, '--client-cert', files.cert],
        'INVALID_ARGUMENT',
      ],
    ])('is refused %s', async (_what, options, code) => {
      expect(await packaged(...service, '--tls', ...options())).toMatchObject({ code });
    });
  });

  it.each([
    ['options of a service without one', ['--address', 'x:1'], 'INVALID_ARGUMENT'],
    ['TLS without a service', ['--tls'], 'INVALID_ARGUMENT'],
    ['certificates without TLS', ['--ccaas', '--root-cert', 'ca.pem'], 'INVALID_ARGUMENT'],
    ['an address without a port', ['--ccaas', '--address', 'x'], 'INVALID_ARGUMENT'],
    ['a duration that is none', ['--ccaas', '--dial-timeout', 'soon'], 'INVALID_ARGUMENT'],
    ['a folder without chaincode', ['--path', '/nowhere'], 'NOT_FOUND'],
  ])('is refused with %s', async (_what, args, code) => {
    const path = args.includes('--path') ? [] : ['--path', chaincodeWith()];
    expect(await packaged(...path, ...args)).toMatchObject({ code });
  });

  it('is refused for a chaincode that is not built', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'package.json'), '{ "main": "dist/index.js", "version": "1.0.0" }');
    expect(await packaged('--path', folder)).toMatchObject({ code: 'BAD_STATE' });
  });
});
