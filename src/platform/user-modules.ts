/**
 * Loads users' files as they are: TypeScript and modern modules, whatever the project around them says.
 *
 * 1. A file with `import` or `export` in it is a module, also where `package.json` says `"type": "commonjs"`.
 * 2. `./tasks` and `./tasks.js` find `./tasks.ts`, as the TypeScript compiler has it.
 * 3. `ostinato` is always the copy that loads the file: two copies in one process would each know half of the runs.
 * 4. What a module exports can be seen while it is still being evaluated: one that awaits a run at its top level is not
 *    finished before that run is.
 */

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { registerHooks, type LoadHookContext, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { claimProcess } from './copies.ts';

export interface ImportedModule {
  /** Its exports once it is evaluated; rejects with what it threw, or why it could not be loaded. */
  readonly finished: Promise<Readonly<Record<string, unknown>>>;
  /** The exports that are initialised so far. */
  exportsNow(): Readonly<Record<string, unknown>>;
}

const OBSERVER = 'ostinato-exports:';
const OBSERVED = Symbol.for('ostinato.observed-exports');
/** Tried in this order for `./tasks`; only the first for `./tasks.js`. */
const ENDINGS = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];
const HAS_MODULE_SYNTAX = /^\s*(?:import\s*(?:[\w*{"']|$)|export\s*[\w*{])/m;

const observedUrls = new Set<string>();
const loadedUrls = new Set<string>();
let installed = false;

/** Idempotent. Applies to every module that this thread loads from now on. */
export function installModuleHooks(): void {
  if (installed) return;
  installed = true;
  registerHooks({ resolve, load });
}

/** @param path absolute, of a file that exists; each file is evaluated once a process */
export function importModule(path: string): ImportedModule {
  // The file's import of the package must resolve to this copy.
  claimProcess();
  installModuleHooks();
  const { href } = pathToFileURL(realpathSync(path));
  observedUrls.add(href);
  const home = globalThis as { [OBSERVED]?: Map<string, object> };
  const observed = (home[OBSERVED] ??= new Map());
  let namespace: object | undefined;
  const finished = import(href).then((loaded: object) => {
    namespace = loaded;
    return readExports(loaded);
  });
  return { finished, exportsNow: () => readExports(namespace ?? observed.get(href) ?? {}) };
}

/** Absolute paths of the users' files that were loaded here, without packages. */
export function loadedFiles(): readonly string[] {
  return [...loadedUrls].map((url) => fileURLToPath(url));
}

/** Exports that a module has not yet initialised cannot be read. */
function readExports(namespace: object): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of Reflect.ownKeys(namespace)) {
    if (typeof key !== 'string') continue;
    try {
      found[key] = (namespace as Record<string, unknown>)[key];
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
    }
  }
  return found;
}

const resolve: ResolveHookSync = (specifier, context, next) => {
  if (specifier.startsWith(OBSERVER)) return { url: specifier, format: 'module', shortCircuit: true };
  if (specifier === 'ostinato' || specifier.startsWith('ostinato/'))
    return next(specifier, { ...context, parentURL: import.meta.url });
  try {
    return next(specifier, context);
  } catch (error) {
    const other = /^(?:\.{1,2}\/|file:)/.test(specifier) ? findTypeScript(specifier, context.parentURL) : null;
    if (other === null) throw error;
    return next(other, context);
  }
};

function findTypeScript(specifier: string, parentUrl: string | undefined): string | null {
  if (parentUrl?.startsWith('file:') !== true) return null;
  const { href } = new URL(specifier, parentUrl);
  const stem = href.replace(/\.([cm]?)js$/, '.$1ts');
  const candidates = stem === href ? ENDINGS.map((ending) => href + ending) : [stem];
  return candidates.find((candidate) => existsSync(fileURLToPath(candidate))) ?? null;
}

const load: LoadHookSync = (url, context, next) => {
  if (url.startsWith(OBSERVER))
    return { format: 'module', source: observer(url.slice(OBSERVER.length)), shortCircuit: true };
  const loaded = next(url, asModule(url, context));
  // Import attributes and cache busters follow the path.
  const [bare = url] = url.split(/[?#]/, 1);
  if (bare.startsWith('file:') && !bare.includes('/node_modules/')) loadedUrls.add(bare);
  if (
    !observedUrls.has(url) ||
    loaded.format?.startsWith('module') !== true ||
    loaded.source === undefined ||
    loaded.source === null
  )
    return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
  // After the last line, so that no position in the file changes.
  return { ...loaded, source: `${source}\nimport ${JSON.stringify(OBSERVER + url)};\n` };
};

/** A module that only keeps the namespace of another one, which imports it and so is evaluated later. */
function observer(url: string): string {
  return `import * as exports from ${JSON.stringify(url)};\nglobalThis[Symbol.for('ostinato.observed-exports')]?.set(${JSON.stringify(url)}, exports);\n`;
}

function asModule(url: string, context: LoadHookContext): LoadHookContext {
  const { format } = context;
  const isScript = format === 'commonjs' || format === 'commonjs-typescript';
  if (!isScript || !/^file:.*\.[jt]s$/.test(url) || url.includes('/node_modules/')) return context;
  if (!HAS_MODULE_SYNTAX.test(readFileSync(fileURLToPath(url), 'utf8'))) return context;
  return { ...context, format: format === 'commonjs' ? 'module' : 'module-typescript' };
}
