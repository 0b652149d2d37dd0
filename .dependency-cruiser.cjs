/**
 * Who may import whom. docs/architecture.md prints the same table for people; change both together.
 * Packages resolve to their sources (tsconfig.imports.json), so the rules hold before anything is built.
 */

/** The one file of the command that reaches what runs on this machine, where it is installed, and what it reaches there. */
const DOOR = {
  file: '^client-sdk/cli/src/local-network\\.ts$',
  to: '^network/local/src/commands/index\\.ts$',
};

/**
 * What each package may import beside its own files and Node.
 * `eko` takes a package's index only; `entry` takes its index or its main.ts.
 */
const PACKAGES = {
  'client-sdk/protocol': {
    npm: ['@noble/curves', '@noble/hashes', '@sinclair/typebox', 'secrets.js-grempe', 'libsodium-sumo'],
  },
  chaincode: {
    eko: ['client-sdk/protocol'],
    npm: ['fabric-contract-api', 'fabric-shim'],
  },
  'client-sdk/sdk': {
    eko: ['client-sdk/protocol'],
    npm: ['@hyperledger/fabric-gateway', '@grpc/grpc-js', '@peculiar/x509', 'reflect-metadata', 'yaml'],
  },
  'client-sdk/audit': { eko: ['client-sdk/sdk', 'client-sdk/protocol'] },
  'client-sdk/command': { eko: ['client-sdk/protocol'], npm: ['commander'] },
  'client-sdk/cli': {
    eko: ['client-sdk/command', 'client-sdk/audit', 'client-sdk/sdk', 'client-sdk/protocol'],
    door: DOOR,
  },
  'network/local': {
    eko: ['client-sdk/command', 'client-sdk/audit', 'client-sdk/sdk', 'client-sdk/protocol', 'network/msp'],
    entry: ['network/embedded', 'network/orchestrator', 'network/witness', 'network/party'],
    npm: ['@hyperledger/fabric-gateway', '@grpc/grpc-js'],
  },
  'network/msp': {
    eko: ['client-sdk/protocol'],
    npm: ['@hyperledger/fabric-protos', '@peculiar/x509', 'reflect-metadata'],
  },
  'network/embedded': {
    eko: ['chaincode', 'client-sdk/protocol', 'network/msp'],
    npm: ['fabric-shim', 'fabric-contract-api', '@hyperledger/fabric-protos', '@grpc/grpc-js'],
  },
  'network/node-kit': {
    eko: ['client-sdk/protocol', 'client-sdk/sdk'],
    npm: ['@sinclair/typebox', 'classic-level', 'fastify', 'pino', 'prom-client'],
  },
  'network/orchestrator': { eko: ['client-sdk/protocol', 'client-sdk/sdk', 'network/node-kit'] },
  'network/witness': { eko: ['client-sdk/protocol', 'client-sdk/sdk', 'network/node-kit'] },
  'network/party': { eko: ['client-sdk/protocol', 'client-sdk/sdk', 'network/node-kit'] },
};

const NODES = '^network/(orchestrator|witness|party)/src';
/** Packages with more entries than their index, by folder. */
const SUBPATHS = {
  'client-sdk/protocol': ['encoding', 'crypto', 'ledger', 'rest', 'node'],
  'client-sdk/sdk': ['node', 'rest'],
  'network/local': ['commands'],
  'network/node-kit': ['stop-signal'],
};
const NODE_MODULES = '(^|/)node_modules/';

const indexOf = (name) => `^${name}/src/((${(SUBPATHS[name] ?? []).join('|')})/)?index\\.ts$`;

/** The files of other packages and of npm that a package may reach; everything else is forbidden. */
const packageRule = ([name, { eko = [], entry = [], npm = [], door }]) => ({
  name: `imports-of-${name.replace('/', '-')}`,
  comment: `${name} may import ${[...eko, ...entry, ...npm].join(', ') || 'nothing outside itself'}.`,
  severity: 'error',
  from: { path: `^${name}/src/` },
  to: {
    dependencyTypesNot: ['core'],
    pathNot: [
      `^${name}/src/`,
      ...eko.map(indexOf),
      ...entry.map((of) => `^${of}/src/(index|main)\\.ts$`),
      ...(door === undefined ? [] : [door.to]),
      ...npm.map((of) => `${NODE_MODULES}${of.replaceAll('.', '\\.')}(/|$)`),
    ],
  },
});

/** Inside a node, `from` may reach only the listed folders of its own package. */
const layerRule = (layer, allowed) => ({
  name: `node-${layer}`,
  comment: `Inside a node, ${layer}/ imports only ${allowed.join(', ')} of its own package.`,
  severity: 'error',
  from: { path: `${NODES}/${layer}/` },
  to: { path: '^network/$1/src/', pathNot: allowed.map((of) => `^network/$1/src/${of}/`) },
});

module.exports = {
  forbidden: [
    ...Object.entries(PACKAGES).map(packageRule),
    {
      name: 'pure-protocol',
      comment:
        'The pure part of the protocol runs everywhere: nothing of Node, nothing compiled, no way into src/node.',
      severity: 'error',
      from: { path: '^client-sdk/protocol/src/', pathNot: '^client-sdk/protocol/src/node/' },
      to: { path: ['^client-sdk/protocol/src/node/', `${NODE_MODULES}libsodium-sumo/`] },
    },
    {
      name: 'pure-code-without-node',
      comment: 'Pure code reaches the outside through a port.',
      severity: 'error',
      from: {
        path: ['^client-sdk/protocol/src/', '^chaincode/src/domain/', `${NODES}/core/`],
        pathNot: '^client-sdk/protocol/src/node/',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'chaincode-domain',
      comment: 'The rules of the ledger know the pure protocol and nothing else.',
      severity: 'error',
      from: { path: '^chaincode/src/domain/' },
      to: {
        pathNot: [
          '^chaincode/src/domain/',
          '^client-sdk/protocol/src/((encoding|crypto|ledger|rest)/)?index\\.ts$',
        ],
      },
    },
    {
      name: 'chaincode-ledger',
      comment: 'The stub adapter stands below the contracts.',
      severity: 'error',
      from: { path: '^chaincode/src/ledger/' },
      to: { path: '^chaincode/src/contracts/' },
    },
    {
      name: 'node-core-is-pure',
      comment: "A node's core knows the pure protocol and nothing else.",
      severity: 'error',
      from: { path: `${NODES}/core/` },
      to: {
        pathNot: [
          '^network/$1/src/core/',
          '^client-sdk/protocol/src/((encoding|crypto|ledger|rest)/)?index\\.ts$',
        ],
      },
    },
    layerRule('service', ['service', 'core']),
    layerRule('http', ['http', 'core']),
    {
      name: 'node-folders',
      comment: 'A node has three folders; a port is declared beside its user.',
      severity: 'error',
      from: { path: `${NODES}/(?!core/|service/|http/)[^/]+/` },
      to: {},
    },
    {
      name: 'main-is-the-top',
      comment: 'Only a program or the command starts a main.ts.',
      severity: 'error',
      from: { path: '^(chaincode|client-sdk|network)/', pathNot: '^network/local/src/' },
      to: { path: '^network/[^/]+/src/main\\.ts$' },
    },
    {
      name: 'one-door',
      comment: 'The command is whole without a network: one file reaches it, where it is installed.',
      severity: 'error',
      from: { path: '^client-sdk/', pathNot: DOOR.file },
      to: { path: '^(network|chaincode)/' },
    },
    {
      name: 'door-opens-late',
      comment: 'What may not be installed is imported when it is asked for, never on loading.',
      severity: 'error',
      from: { path: DOOR.file },
      to: { path: '^network/', dynamic: false },
    },
    {
      name: 'no-cycles',
      comment: 'Imports form a graph without cycles, types included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing is dead.',
      severity: 'error',
      from: {
        orphan: true,
        // The last one is preloaded by name into every process of the development network.
        pathNot: [
          '/src/(index|main)\\.ts$',
          '/src/[a-z]+/index\\.ts$',
          '\\.d\\.ts$',
          '/processes/parent-watch\\.ts$',
        ],
      },
      to: {},
    },
    {
      name: 'files-name-a-concept',
      comment: 'A file is named after what it holds.',
      severity: 'error',
      from: { path: '^(chaincode|client-sdk|network)/' },
      to: { path: '/(util|utils|helper|helpers|common|misc)(/|\\.ts$)', pathNot: NODE_MODULES },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared',
      comment: 'What a package imports stands in its own package.json, and not only for development.',
      severity: 'error',
      from: { path: '^(chaincode|client-sdk|network)/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'npm-optional'],
        // A peer that may be absent counts for the tool as one without a package as well.
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.imports.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: [NODE_MODULES, '/dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
