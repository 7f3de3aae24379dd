/** Explains imports that cannot be found: a package, an alias, a file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { didYouMean } from '../core/nearest-word.ts';
import { operandWords } from '../core/shell-word.ts';
import { fileAt, findAlias, importPath, isPackageName } from './import-alias.ts';
import { importerOf, type Thrown, type LoadExplanation } from './load-thrown.ts';

/** Node names the package; the specifier in the source tells more. */
export function missingPackage({ message }: Thrown, path: string): LoadExplanation {
  const named = /(?:Cannot find package|import specifier) ['"]([^'"]+)['"]/.exec(message)?.[1] ?? '';
  const importer = importerOf(message, path);
  const specifier = writtenIn(importer, named);
  const alias = findAlias(specifier, importer);
  if (alias !== null) {
    const instead =
      alias.target === null
        ? 'Import the file by its path'
        : `Import the file by its path: '${importPath(alias.target, importer)}'`;
    return [
      `${importer} imports "${specifier}", which is an alias of ${alias.where}: only compilers and bundlers know those.`,
      `${instead}; or name it in "imports" of package.json, with a # before it, which Node knows, too.`,
    ];
  }
  const file = fileNearby(specifier, importer);
  if (file !== null)
    return [
      `${importer} imports "${specifier}", which is no package; there is a file ${file}.`,
      `Paths begin with a dot: import '${importPath(file, importer)}'`,
    ];
  if (specifier.startsWith('#'))
    return [
      `${importer} imports "${specifier}", which "imports" of the package.json above it does not have.`,
      'Add it there, or import the file by its path.',
    ];
  const name = packageName(specifier);
  if (!isPackageName(name))
    return [
      `${importer} imports "${specifier}", which is no name of a package; it looks like an alias, which only a compiler or a bundler knows.`,
      'Import the file by its path.',
    ];
  if (isAskedFor(name, importer))
    return [
      `${importer} imports the package "${name}", which package.json asks for, but which is not installed.`,
      'Install what the project needs: npm install',
    ];
  return [
    `${importer} imports the package "${name}", which is not installed.`,
    `Install it in the project: npm install ${operandWords(name)}`,
  ];
}

/** The whole specifier, where Node names only the package that it would be in. */
function writtenIn(importer: string, named: string): string {
  try {
    const written = [
      ...readFileSync(importer, 'utf8').matchAll(/(?:from|import|import\s*\(|require\s*\()\s*(["'`])((?:(?!\1).)+)\1/g),
    ].map((match) => match[2] ?? '');
    return written.find((each) => each === named) ?? written.find((each) => each.startsWith(`${named}/`)) ?? named;
  } catch {
    return named;
  }
}

/** `lib/two` written for `./lib/two.ts`: beside the importing file, or in a folder above it up to the project's own. */
function fileNearby(specifier: string, importer: string): string | null {
  const bare = specifier.replace(/^(?:[~@#$]\/?|src\/(?=src\/))/, '');
  for (let folder = dirname(importer); ; folder = dirname(folder)) {
    const file = fileAt(join(folder, bare)) ?? fileAt(join(folder, 'src', bare));
    if (file !== null) return file;
    if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return null;
  }
}

function isAskedFor(name: string, importer: string): boolean {
  for (let folder = dirname(importer); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path))
      return new RegExp(`"${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}"\\s*:`).test(readFileSync(path, 'utf8'));
    if (folder === dirname(folder)) return false;
  }
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function missingFile({ message }: Thrown, path: string): LoadExplanation {
  const [, what = ''] = /Cannot find module '([^']+)'/.exec(message) ?? [];
  if (what === '') return [`${path} cannot be loaded: ${message}`, 'Check what it imports.'];
  const importer = importerOf(message, path);
  const file = what.startsWith('file:') ? fileURLToPath(what) : what;
  const jsx = ['.tsx', '.jsx']
    .map((ending) => file.replace(/\.[jt]s$/, '') + ending)
    .find((candidate) => existsSync(candidate));
  if (jsx !== undefined)
    return [
      `${importer} imports ${jsx}, which holds JSX: nothing is compiled here.`,
      'Put what the flow needs into a .ts file, and import that.',
    ];
  const types = `${file.replace(/\.[cm]?[jt]s$/, '')}.d.ts`;
  if (existsSync(types))
    return [
      `${importer} imports ${file}, of which there are only types: ${types}.`,
      'Import types with `import type`; what runs must be in a .ts or .js file.',
    ];
  const offered = /Did you mean to import "([^"]+)"/.exec(message)?.[1];
  const names = existsSync(dirname(file)) ? readdirSync(dirname(file)) : [];
  const near = offered === undefined ? didYouMean(basename(file), names) : ` Did you mean "${offered}"?`;
  const inProject = file.startsWith('/') && near === '' ? fileNearby(`.${file}`, importer) : null;
  if (inProject !== null)
    return [
      `${importer} imports ${file}: a path that begins with / is one from the root of the disk.`,
      `Import the file by its own path: '${importPath(inProject, importer)}'`,
    ];
  return [`${importer} imports ${file}, which does not exist.${near}`, 'Check the path of the import.'];
}

export function nearestBuiltin(message: string): string {
  const name = /module: (?:node:)?(\S+)/.exec(message)?.[1] ?? '';
  return didYouMean(
    name,
    builtinModules.filter((each) => !each.startsWith('_')),
  );
}
