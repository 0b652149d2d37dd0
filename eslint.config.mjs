import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Code that every peer must run to the same bytes: no I/O, no clock, no chance, no locale. */
const PURE = [
  'client-sdk/protocol/src/**/*.ts',
  'chaincode/src/domain/**/*.ts',
  'network/*/src/core/**/*.ts',
];

const restrictedGlobals = (why, ...names) => names.map((name) => ({ name, message: why }));
const restrictedMembers = (object, why, ...names) =>
  names.map((property) => ({ object, property, message: why }));

const NO_CLOCK = restrictedGlobals('Take the time as an argument.', 'Date', 'performance');
const NO_CHANCE = restrictedMembers('Math', 'Take a RandomSource as an argument.', 'random');
const NO_LOCALE = [
  {
    selector: 'MemberExpression[property.name=/^(localeCompare|toLocale[A-Z].*)$/]',
    message: 'Order and case depend on the machine here: compare code units or bytes.',
  },
  { selector: 'Identifier[name="Intl"]', message: 'Intl depends on the machine.' },
];
const NO_NODE_GLOBALS = restrictedGlobals(
  'Pure code does no I/O; declare a port.',
  'process',
  'Buffer',
  'crypto',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'require',
);
const FROM_HOST = 'A node gets its clocks and its randomness from its NodeHost, which main.ts has made.';

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', 'coverage/', '.eko/', 'test/vectors/']),

  {
    name: 'eko/scripts',
    files: ['**/*.{js,mjs,cjs}'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'AbortController',
          'AbortSignal',
          'Buffer',
          'TextDecoder',
          'TextEncoder',
          'URL',
          'clearInterval',
          'clearTimeout',
          'console',
          'fetch',
          'performance',
          'process',
          'setImmediate',
          'setInterval',
          'setTimeout',
          'structuredClone',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { eqeqeq: 'error' },
  },
  {
    name: 'eko/commonjs-scripts',
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly' } },
  },

  {
    name: 'eko/types',
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
      // A reducer that cares for three events of twelve says so with `default`.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Numbers and booleans print the same everywhere; objects and `undefined` stay forbidden.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNever: true },
      ],
      // `() => socket.destroy()` as a callback is clear without braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An `async` method without `await` turns a throw into a rejection, which is what a port promises.
      '@typescript-eslint/require-await': 'off',
      // `for (;;)` and `while (true)` loops that end by a return are fine.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // A leading underscore marks a parameter that an interface demands.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },

  {
    // Declarations of other people's code describe it as it is.
    name: 'eko/foreign-declarations',
    files: ['**/*.d.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },

  {
    name: 'eko/packages',
    files: ['chaincode/src/**/*.ts', 'client-sdk/*/src/**/*.ts', 'network/*/src/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    name: 'eko/pure',
    files: PURE,
    ignores: ['client-sdk/protocol/src/node/**'],
    rules: {
      'no-restricted-globals': ['error', ...NO_CLOCK, ...NO_NODE_GLOBALS],
      'no-restricted-properties': ['error', ...NO_CHANCE],
      'no-restricted-syntax': ['error', ...NO_LOCALE],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'Pure code takes what it needs through a port.' }] },
      ],
    },
  },
  {
    name: 'eko/chaincode',
    files: ['chaincode/src/{contracts,ledger}/**/*.ts', 'chaincode/src/*.ts'],
    ignores: ['chaincode/src/main.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...NO_CLOCK,
        ...restrictedGlobals('Peers must agree.', 'process', 'fetch'),
      ],
      'no-restricted-properties': ['error', ...NO_CHANCE],
      'no-restricted-syntax': [
        'error',
        ...NO_LOCALE,
        {
          selector:
            'Program:has(Decorator) ImportDeclaration[source.value="fabric-contract-api"]:matches([importKind="type"], :has(ImportSpecifier[importKind="type"][imported.name="Context"])) ImportSpecifier[imported.name="Context"]',
          message: 'Import Context as a value: the decorator metadata needs it at run time.',
        },
      ],
    },
  },
  {
    // The one place that looks at a peer's clock: it may refuse to endorse, and decides nothing else.
    name: 'eko/chaincode-clock',
    files: ['chaincode/src/ledger/clock-guard.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    name: 'eko/nodes',
    files: ['network/{orchestrator,witness,party}/src/**/*.ts'],
    ignores: ['network/*/src/main.ts', 'network/*/src/core/**'],
    rules: {
      'no-restricted-globals': ['error', ...restrictedGlobals(FROM_HOST, 'crypto', 'performance')],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: FROM_HOST },
      ],
      'no-restricted-properties': [
        'error',
        ...NO_CHANCE,
        ...restrictedMembers('Date', FROM_HOST, 'now'),
        ...restrictedMembers(
          'process',
          'Only main.ts reads the environment and the arguments.',
          'env',
          'argv',
        ),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:process', message: 'Only main.ts reads the environment and the arguments.' },
            { name: 'process', message: 'Only main.ts reads the environment and the arguments.' },
            { name: '@eko/protocol/node', importNames: ['systemRandom'], message: FROM_HOST },
            {
              name: 'node:crypto',
              importNames: ['randomBytes', 'randomFillSync', 'randomInt', 'webcrypto'],
              message: FROM_HOST,
            },
          ],
        },
      ],
    },
  },

  {
    name: 'eko/tests',
    files: ['test/**/*.ts'],
    rules: {
      // A wrong assumption fails the test, which is what a test is for.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Tests spread secrets to see that nothing leaks, and ASCII text to flip its characters.
      '@typescript-eslint/no-misused-spread': 'off',
      'no-restricted-properties': [
        'error',
        ...restrictedMembers(
          'jest',
          'Write a fake behind the port instead of replacing a module.',
          'mock',
          'doMock',
          'unstable_mockModule',
          'setMock',
        ),
      ],
    },
  },
);
