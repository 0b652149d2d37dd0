const { existsSync } = require('node:fs');
const { delimiter, join } = require('node:path');

/** Unit and integration tests run on the sources; tests that start processes run the built files. */
const fromSource = (name, directory) => [`^@eko/${name}$`, `<rootDir>/${directory}/src/index.ts`];

/** Whether Fabric's programs are here, with which whole networks are started. */
function hasFabric() {
  const { FABRIC_BIN = '', PATH = '' } = process.env;
  return [FABRIC_BIN, ...PATH.split(delimiter)].some(
    (folder) => folder !== '' && existsSync(join(folder, 'peer')),
  );
}

/** For JavaScript that is more modern than what jest loads. */
const TO_COMMONJS = [
  '@swc/jest',
  { jsc: { target: 'es2022' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
];

module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  // Two Fabric networks at a time would starve each other on two cores.
  maxWorkers: hasFabric() ? 1 : 2,
  // A deadline for hung tests only: on a busy machine processes and key files take their time.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/jest-hung-files.cjs', '<rootDir>/scripts/jest-closing-line.cjs'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/bench/'],
  modulePathIgnorePatterns: ['<rootDir>/.eko/'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
    // Tests that start processes drive the built development network, whose lazy import() jest cannot do by itself.
    '/network/local/dist/.*\\.js$': TO_COMMONJS,
    '/libsodium-sumo\\.mjs$': TO_COMMONJS,
  },
  transformIgnorePatterns: ['/node_modules/(?!libsodium-sumo/)'],
  moduleNameMapper: Object.fromEntries([
    // Jest would take the CommonJS form, which is not the one that runs.
    ['^libsodium-sumo$', '<rootDir>/node_modules/libsodium-sumo/dist/modules-sumo-esm/libsodium-sumo.mjs'],
    // A lazy import() keeps its extension, because built code resolves it as an ES module would.
    ['^(\\.{1,2}/.*)\\.js$', '$1'],
    ['^#platform$', '<rootDir>/client-sdk/protocol/src/node/platform.ts'],
    ['^@eko/protocol/(encoding|crypto|ledger|rest|node)$', '<rootDir>/client-sdk/protocol/src/$1/index.ts'],
    fromSource('protocol', 'client-sdk/protocol'),
    fromSource('chaincode', 'chaincode'),
    fromSource('sdk', 'client-sdk/sdk'),
    ['^@eko/sdk/(node|rest)$', '<rootDir>/client-sdk/sdk/src/$1/index.ts'],
    fromSource('command', 'client-sdk/command'),
    fromSource('audit', 'client-sdk/audit'),
    fromSource('cli', 'client-sdk/cli'),
    fromSource('embedded-ledger', 'network/embedded'),
    fromSource('msp', 'network/msp'),
    fromSource('local-network', 'network/local'),
    ['^@eko/local-network/commands$', '<rootDir>/network/local/src/commands/index.ts'],
    fromSource('node-kit', 'network/node-kit'),
    fromSource('orchestrator', 'network/orchestrator'),
    fromSource('witness', 'network/witness'),
    fromSource('party', 'network/party'),
  ]),
};
