import { EkoError } from '@eko/protocol';
import type { Command, CommandInput } from '@eko/command';
import type { ServiceTls } from '../fabric/chaincode/service-connection';

const SERVICE_OPTIONS = ['address', 'dial-timeout'] as const;
const TLS_OPTIONS = ['root-cert', 'client-cert', 'client-key'] as const;

/** `eko chaincode package` */
export const chaincodePackage: Command = {
  path: ['chaincode', 'package'],
  summary:
    'write the package that `peer lifecycle chaincode install` takes, without any of the Fabric programs',
  options: [
    { flags: '--output <file>', summary: 'where to write it', defaultValue: 'eko.tar.gz' },
    { flags: '--label <label>', summary: "how peers list it (default: eko_ and the chaincode's version)" },
    { flags: '--path <folder>', summary: 'another built chaincode for Node' },
    { flags: '--ccaas', summary: 'package the way to a chaincode that runs as a service, not its code' },
    {
      flags: '--address <host:port>',
      summary:
        'where peers find the service (default: as test-network names it, {{.peername}}_eko_ccaas:9999)',
    },
    { flags: '--dial-timeout <duration>', summary: 'how long a peer tries to connect (default: 10s)' },
    { flags: '--tls', summary: 'the service speaks TLS' },
    { flags: '--root-cert <file>', summary: "PEM: the authority of the service's certificate" },
    { flags: '--client-cert <file>', summary: 'PEM: what peers show to the service, where it asks for it' },
    { flags: '--client-key <file>', summary: 'PEM: its private key, which makes the package a secret' },
  ],
  examples: [
    'chaincode package',
    'chaincode package --label eko_2 --output eko_2.tar.gz --json',
    'chaincode package --ccaas --address chaincode.example.com:9999 --tls --root-cert ca.pem',
  ],
  async run(input, terminal) {
    refuseOptionsWithout('ccaas', input, [...SERVICE_OPTIONS, 'tls']);
    refuseOptionsWithout('tls', input, TLS_OPTIONS);
    const [{ writeWhole }, { findChaincode }, { lifecyclePackage }] = await Promise.all([
      import('@eko/protocol/node'),
      import('../fabric/chaincode/chaincode-folder.js'),
      import('../fabric/chaincode/lifecycle-package.js'),
    ]);
    const isService = input.flag('ccaas');
    const chaincode = await findChaincode(input.text('path'));
    const label = input.text('label') ?? `eko_${chaincode.version}`;
    const code = isService ? [await connectionOf(input)] : await codeOf(chaincode.folder);
    const type = isService ? 'ccaas' : 'node';
    const { packageId, bytes } = lifecyclePackage(type, label, code);
    const file = input.requiredText('output');
    await writeWhole(file, bytes);
    terminal.result({ file, type, label, packageId }, [
      `${file} is ready for \`peer lifecycle chaincode install\`; its package ID is`,
      packageId,
    ]);
  },
};

function refuseOptionsWithout(flag: string, input: CommandInput, names: readonly string[]): void {
  if (input.flag(flag)) return;
  const given = names.find((name) => input.flag(name) || input.text(name) !== undefined);
  if (given === undefined) return;
  throw new EkoError('INVALID_ARGUMENT', `--${given} needs --${flag}`, { details: { option: given } });
}

async function codeOf(folder: string) {
  const { packedFiles } = await import('../fabric/chaincode/packed-files.js');
  return packedFiles(folder);
}

async function connectionOf(input: CommandInput) {
  const { connectionFile } = await import('../fabric/chaincode/service-connection.js');
  return connectionFile({
    address: input.text('address') ?? '{{.peername}}_eko_ccaas:9999',
    dialTimeout: input.text('dial-timeout') ?? '10s',
    ...(input.flag('tls') ? { tls: await tlsOf(input) } : {}),
  });
}

async function tlsOf(input: CommandInput): Promise<ServiceTls> {
  const rootCertificate = await readPem(input, 'root-cert');
  if (input.text('client-cert') === undefined && input.text('client-key') === undefined) {
    return { rootCertificate };
  }
  const client = {
    certificate: await readPem(input, 'client-cert'),
    key: await readPem(input, 'client-key'),
  };
  return { rootCertificate, client };
}

async function readPem(input: CommandInput, option: (typeof TLS_OPTIONS)[number]): Promise<string> {
  const { readPemFile } = await import('@eko/command');
  return readPemFile(input.requiredText(option), { option });
}
