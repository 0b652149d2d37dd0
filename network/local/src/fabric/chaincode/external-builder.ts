import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The variable in which a peer gives the builder its own values, as JSON: the one of Fabric's own builder for chaincode
 * as a service, so that packages made for that one work here and the other way round.
 */
export const BUILDER_ADDRESSES = 'CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG';

const DETECT = `#!/bin/sh
# detect SOURCE METADATA: takes packages of chaincode that runs as a service.
set -eu
tr -d ' \\t\\n\\r' < "$2/metadata.json" | grep -q '"type":"ccaas"'
`;

const BUILD = `#!/bin/sh
# build SOURCE METADATA OUTPUT: puts this peer's own values where connection.json says {{.name}}.
set -eu
connection=$(cat "$1/connection.json")
for name in $(printf '%s' "$connection" | grep -o '{{\\.[A-Za-z0-9_]*}}' | sort -u | tr -d '{}.'); do
  value=$(printf '%s' "\${${BUILDER_ADDRESSES}:-}" | sed -n "s/.*\\"$name\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p")
  if [ -z "$value" ]; then
    echo "${BUILDER_ADDRESSES} gives no $name" >&2
    exit 1
  fi
  connection=$(printf '%s' "$connection" | sed "s|{{\\.$name}}|$value|g")
done
printf '%s\\n' "$connection" > "$3/connection.json"
if [ -d "$1/META-INF" ]; then cp -R "$1/META-INF" "$3/"; fi
`;

const RELEASE = `#!/bin/sh
# release OUTPUT RELEASE: tells the peer where the chaincode listens, and its indexes.
set -eu
mkdir -p "$2/chaincode/server"
cp "$1/connection.json" "$2/chaincode/server/"
if [ -d "$1/META-INF/statedb" ]; then cp -R "$1/META-INF/statedb" "$2/"; fi
`;

/** An external builder's programs by name; there is no `run`, because the chaincode is started by others. */
const BUILDER_SCRIPTS: Readonly<Record<string, string>> = {
  detect: DETECT,
  build: BUILD,
  release: RELEASE,
};

/**
 * Writes the external builder of chaincode as a service.
 *
 * @see https://hyperledger-fabric.readthedocs.io/en/latest/cc_launcher.html
 */
export async function writeExternalBuilder(folder: string): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true, mode: 0o700 });
  for (const [name, script] of Object.entries(BUILDER_SCRIPTS)) {
    const file = join(bin, name);
    await writeFile(file, script);
    await chmod(file, 0o700);
  }
}
