// Writes what each entry of the packages that people import shows to them, to docs/api; with --check, says what changed.
import { readFileSync, readdirSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reports = join(root, 'docs', 'api');
const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** Every entry with declarations of the packages in client-sdk: its name, its built declarations, its package's folder. */
const entries = readdirSync(join(root, 'client-sdk')).flatMap((name) => {
  const folder = join(root, 'client-sdk', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(manifest.exports ?? { '.': { types: manifest.types } })
    .filter(([, { types }]) => types !== undefined)
    .map(([path, { types }]) => ({
      name: manifest.name + path.slice(1),
      report: `${(manifest.name + path.slice(1)).replace('@eko/', '').replaceAll('/', '.')}.api.md`,
      file: join(folder, types),
      folder: folder + sep,
    }));
});

const program = ts.createProgram(
  entries.map(({ file }) => file),
  {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
);
const checker = program.getTypeChecker();

const resolved = (symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
const isDocumented = (symbol) => symbol.getDocumentationComment(checker).length > 0;

/** The package that a declaration belongs to, where that is another one. */
function foreignPackage(declaration, { folder }) {
  const { fileName } = declaration.getSourceFile();
  if (fileName.startsWith(folder)) return undefined;
  const other = entries.find((entry) => fileName.startsWith(entry.folder));
  return other?.name.split('/').slice(0, 2).join('/') ?? fileName.replace(/^.*\/node_modules\//, '');
}

/** What of a class is its own affair: `private`, `#names`, and what its comment says is `@internal`. */
const isHidden = (member) =>
  (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
  ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal') ||
  (ts.canHaveModifiers(member) &&
    !ts.isConstructorDeclaration(member) &&
    ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true);

const sortedBy = (nodes, key) => [...nodes].sort((a, b) => (key(a) < key(b) ? -1 : 1));

/** Fields and alternatives of types, by name: in what the compiler wrote down by itself, each has an order of its own. */
const inOneOrder = (plain) => (context) => {
  const visit = (given) => {
    const node = ts.visitEachChild(given, visit, context);
    if (ts.isUnionTypeNode(node)) return ts.factory.createUnionTypeNode(sortedBy(node.types, plain));
    if (!ts.isTypeLiteralNode(node) || !node.members.every(ts.isPropertySignature)) return node;
    return ts.factory.createTypeLiteralNode(sortedBy(node.members, ({ name }) => plain(name)));
  };
  return visit;
};

/** A declaration as it stands, without comments, and a class without what is hidden in it. */
function textOf(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const shown = ts.isClassDeclaration(statement)
    ? ts.factory.updateClassDeclaration(
        statement,
        statement.modifiers,
        statement.name,
        statement.typeParameters,
        statement.heritageClauses,
        statement.members.filter((member) => !isHidden(member)),
      )
    : statement;
  const source = declaration.getSourceFile();
  const plain = (node) => printer.printNode(ts.EmitHint.Unspecified, node, source);
  const { transformed } = ts.transform(shown, [inOneOrder(plain)]);
  return plain(transformed[0])
    .replace(/^export /, '')
    .replace(/^declare /, '');
}

/** What of its own package a declaration names, each once. */
function namesIn(declaration) {
  const found = new Set();
  const visit = (node) => {
    if (ts.isClassElement(node) && isHidden(node)) return;
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    if (symbol !== undefined) found.add(resolved(symbol));
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

const TOP_LEVEL = new Set([
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.TypeAliasDeclaration,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.FunctionDeclaration,
  ts.SyntaxKind.EnumDeclaration,
  ts.SyntaxKind.VariableDeclaration,
]);

/** Declarations at the top of a file of the same package. */
const ownDeclarations = (symbol, entry) =>
  (symbol.declarations ?? []).filter(
    (declaration) =>
      TOP_LEVEL.has(declaration.kind) &&
      foreignPackage(declaration, entry) === undefined &&
      ts.isSourceFile(
        (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration).parent,
      ),
  );

/** The report of one entry. */
function reportOf(entry) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry.file));
  const shown = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, isTypeOnly: isTypeOnly(symbol), symbol: resolved(symbol) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const exported = new Set(shown.map(({ symbol }) => symbol));
  const reached = new Set();
  const reach = (symbol) => {
    for (const declaration of ownDeclarations(symbol, entry))
      for (const name of namesIn(declaration))
        if (!exported.has(name) && !reached.has(name) && ownDeclarations(name, entry).length > 0) {
          reached.add(name);
          reach(name);
        }
  };
  for (const symbol of exported) reach(symbol);

  const foreign = shown.flatMap(({ name, isTypeOnly, symbol }) => {
    const from = foreignPackage(symbol.declarations[0], entry);
    return from === undefined ? [] : [`export ${isTypeOnly ? 'type ' : ''}{ ${name} } from '${from}';`];
  });
  const own = shown.flatMap(({ name, isTypeOnly, symbol }) => {
    const declarations = ownDeclarations(symbol, entry);
    const isType = isTypeOnly && declarations.some(ts.isClassDeclaration);
    const head = `${isDocumented(symbol) ? '' : '// (undocumented)\n'}${isType ? '// (as a type only)\n' : ''}`;
    const renamed = symbol.name === name ? '' : `// (declared as ${symbol.name})\n`;
    return declarations.map((declaration) => `${head}${renamed}export ${textOf(declaration)}`);
  });
  const others = [...reached]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((symbol) => ownDeclarations(symbol, entry).map(textOf));
  const code = (parts) => `\`\`\`ts\n${parts.join('\n\n')}\n\`\`\`\n`;
  return [
    `# The API of \`${entry.name}\``,
    `Written by \`npm run api\`. ${shown.length} ${shown.length === 1 ? 'name' : 'names'}.`,
    ...(foreign.length === 0 ? [] : [code([foreign.join('\n')])]),
    code(own),
    ...(others.length === 0 ? [] : ['## Named by them, and not exported', code(others)]),
  ].join('\n\n');
}

function isTypeOnly(symbol) {
  return (symbol.declarations ?? []).some(
    (declaration) =>
      ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly),
  );
}

const style = await resolveConfig(join(reports, 'x.md'));
const wanted = new Map();
for (const entry of entries)
  wanted.set(entry.report, await format(reportOf(entry), { ...style, parser: 'markdown' }));

if (process.argv.includes('--check')) {
  const present = existing();
  const changed = [...new Set([...wanted.keys(), ...present.keys()])].filter(
    (name) => wanted.get(name) !== present.get(name),
  );
  for (const name of changed) console.error(`docs/api/${name} does not say what the package exports now`);
  if (changed.length > 0) {
    console.error('If that change of the API is meant: npm run api, and commit what it writes.');
    process.exitCode = 1;
  }
} else {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  for (const [name, text] of wanted) writeFileSync(join(reports, name), text);
  console.log(`docs/api: ${wanted.size} reports`);
}

function existing() {
  try {
    return new Map(readdirSync(reports).map((name) => [name, readFileSync(join(reports, name), 'utf8')]));
  } catch {
    return new Map();
  }
}
