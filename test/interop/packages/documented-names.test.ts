import { join } from 'node:path';
import ts from 'typescript';

const ENTRY = join(__dirname, '../../../client-sdk/sdk/dist/index.d.ts');

/** What an application imports is read in its editor: there every name has a sentence, and every field of what it names. */
describe('the names that the SDK shows to applications', () => {
  const program = ts.createProgram([ENTRY], {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const isOurs = (symbol: ts.Symbol): boolean =>
    symbol.declarations?.every((at) => !at.getSourceFile().fileName.includes('/node_modules/')) === true &&
    !/^(#|__)/.test(symbol.name);
  const isDocumented = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0;
  const shown = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(ENTRY)!)!)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));

  it('are about forty', () => {
    const names = shown.map(({ name }) => name);
    expect(names.length).toBeLessThanOrEqual(42);
    expect(names).toEqual(
      expect.arrayContaining([
        'EkoClient',
        'EkoError',
        'SecretBytes',
        'StreamPolicy',
        'StreamRequest',
        'isEkoError',
      ]),
    );
  });

  it('have a sentence each, and so has each of their fields', () => {
    const fields = shown.flatMap((symbol) =>
      checker
        .getDeclaredTypeOfSymbol(symbol)
        .getProperties()
        .filter(isOurs)
        .map((field) => ({ name: `${symbol.name}.${field.name}`, isDocumented: isDocumented(field) })),
    );
    const policy = fields.filter(({ name }) => name.startsWith('StreamPolicy.'));
    expect(policy.length).toBeGreaterThanOrEqual(7);
    expect(fields.filter((field) => !field.isDocumented).map(({ name }) => name)).toEqual([]);
    expect(shown.filter((symbol) => !isDocumented(symbol)).map(({ name }) => name)).toEqual([]);
  });
});
