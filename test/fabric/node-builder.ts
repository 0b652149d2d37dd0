import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';

const isNode = `tr -d ' \\t\\n\\r' < "$2/metadata.json" | grep -q '"type":"node"'`;

const DETECT = `#!/bin/sh
set -eu
if ${isNode}; then exit 0; fi
exec "$(dirname "$0")/detect.ccaas" "$@"
`;

/** What the build script of Fabric's image for Node does, without the image. */
const BUILD = (npmCache: string): string => `#!/bin/sh
set -eu
if ! ${isNode}; then exec "$(dirname "$0")/build.ccaas" "$@"; fi
cp -R "$1/src/." "$3"
cd "$3"
npm_config_cache='${npmCache}' npm_config_prefer_offline=true npm ci --omit=dev
`;

const RELEASE = `#!/bin/sh
set -eu
if [ ! -f "$1/connection.json" ]; then exit 0; fi
exec "$(dirname "$0")/release.ccaas" "$@"
`;

/** What a peer and the start script of that image do together: the peer's address as an argument, its TLS as files. */
const RUN = `#!/usr/bin/env node
const { spawn } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const [output, metadata] = process.argv.slice(2);
const peer = JSON.parse(readFileSync(metadata + '/chaincode.json', 'utf8'));
const file = (name, text) => {
  writeFileSync(metadata + '/' + name, text, { mode: 0o600 });
  return metadata + '/' + name;
};
const chaincode = spawn('npm', ['start', '--', '--peer.address', peer.peer_address], {
  cwd: output,
  stdio: 'inherit',
  env: {
    PATH: process.env.PATH,
    HOME: metadata,
    CORE_CHAINCODE_ID_NAME: peer.chaincode_id,
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_ROOTCERT_FILE: file('root.pem', peer.root_cert),
    // The shim reads base64 of PEM from these two, and PEM from the one above.
    CORE_TLS_CLIENT_KEY_PATH: file('client.key', Buffer.from(peer.client_key).toString('base64')),
    CORE_TLS_CLIENT_CERT_PATH: file('client.crt', Buffer.from(peer.client_cert).toString('base64')),
  },
});
process.once('SIGTERM', () => chaincode.kill('SIGTERM'));
chaincode.once('exit', (status) => process.exit(status ?? 1));
`;

/**
 * Teaches the external builder of a running network to build and start chaincode for Node as a peer with a container
 * engine does, so that the network takes packages of code, too. Peers look at the scripts at every installation.
 *
 * @param builder - the builder's folder
 */
export function addNodeBuilder(builder: string): void {
  const npmCache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  const bin = join(builder, 'bin');
  for (const name of ['detect', 'build', 'release']) renameSync(join(bin, name), join(bin, `${name}.ccaas`));
  const scripts = { detect: DETECT, build: BUILD(npmCache), release: RELEASE, run: RUN };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o700);
  }
}
