/** Module names that only a compiler or bundler resolves: aliases of tsconfig.json, and names that look like one. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const CONFIGS = ['tsconfig.json', 'jsconfig.json'];
const ENDINGS = ['', '.ts', '.mts', '.js', '.mjs', '.tsx', '.jsx', '/index.ts', '/index.js'];
/** Configurations that extend one another, at most. */
const EXTENDS_MAX = 10;

export interface Alias {
  /** The tsconfig file and option that define it. */
  readonly where: string;
  /** The file that it resolves to, if it exists. */
  readonly target: string | null;
}

/** The alias for this specifier in a tsconfig.json at or above the importing file. */
export function findAlias(specifier: string, importer: string): Alias | null {
  for (let folder = dirname(importer); ; folder = dirname(folder)) {
    const config = CONFIGS.map((name) => join(folder, name)).find((path) => existsSync(path));
    const alias = config === undefined ? null : aliasIn(specifier, config, EXTENDS_MAX);
    if (alias !== null) return alias;
    if (folder === dirname(folder)) return null;
  }
}

interface Config {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: {
    readonly baseUrl?: string;
    readonly paths?: Readonly<Record<string, readonly string[]>>;
  };
}

function aliasIn(specifier: string, path: string, depth: number): Alias | null {
  const { extends: parents = [], compilerOptions: { baseUrl, paths = {} } = {} } = readConfig(path);
  const base = resolve(dirname(path), baseUrl ?? '.');
  for (const [pattern, targets] of Object.entries(paths)) {
    const rest = matchPattern(pattern, specifier);
    if (rest === null) continue;
    return {
      where: `${path} ("paths")`,
      target:
        targets
          .map((target) =>
            fileAt(
              resolve(
                base,
                target.replace('*', () => rest),
              ),
            ),
          )
          .find((file) => file !== null) ?? null,
    };
  }
  const target = baseUrl === undefined ? null : fileAt(resolve(base, specifier));
  if (target !== null) return { where: `${path} ("baseUrl")`, target };
  if (depth === 0) return null;
  for (const parent of [parents].flat()) {
    const found = parent.startsWith('.')
      ? (fileAt(resolve(dirname(path), parent)) ?? fileAt(resolve(dirname(path), `${parent}.json`)))
      : null;
    const alias = found === null ? null : aliasIn(specifier, found, depth - 1);
    if (alias !== null) return alias;
  }
  return null;
}

/** The text that the star matches; `null` where the pattern does not match. */
function matchPattern(pattern: string, specifier: string): string | null {
  const [before = '', after] = pattern.split('*', 2);
  if (after === undefined) return pattern === specifier ? '' : null;
  const fits =
    specifier.length >= before.length + after.length && specifier.startsWith(before) && specifier.endsWith(after);
  return fits ? specifier.slice(before.length, specifier.length - after.length) : null;
}

/** JSON with comments and trailing commas. */
function readConfig(path: string): Config {
  try {
    const bare = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1');
    return JSON.parse(bare.replaceAll(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, '$1')) as Config;
  } catch {
    return {};
  }
}

/** The file of a path without extension. */
export function fileAt(path: string): string | null {
  return (
    ENDINGS.map((ending) => path + ending).find((candidate) => existsSync(candidate) && statSync(candidate).isFile()) ??
    null
  );
}

/** The relative path to write in an import. */
export function importPath(target: string, importer: string): string {
  const path = relative(dirname(importer), target);
  return path.startsWith('.') ? path : `./${path}`;
}

const PACKAGE = /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9_-][a-z0-9._-]*$/;

/** Whether npm could have a package of that name. */
export function isPackageName(name: string): boolean {
  return PACKAGE.test(name);
}
