/**
 * The code of the published package, bundled: some 150 files instead of 820, as finding and opening files was half of
 * a start (ADR 055).
 *
 * 1. What a door or the command leads to is an entry; what only some need (a command, a dialect) stays a file of its
 *    own, which is loaded when it is needed. What several need is in one file: there is one engine in a process,
 *    whichever entry came first.
 * 2. Packages stay packages: their repairs reach whoever installed us, and inlining them gained nothing.
 * 3. Nothing is shortened or renamed, so that stacks can be read; a comment names the module that each part came from.
 */
import { join, resolve } from 'node:path';

import { rolldown, type Plugin } from 'rolldown';

/** Under the names that `src/doors` and `bin` load them by. */
const ENTRIES = ['index', 'testing', 'cli/main', 'platform/copies'];
const CHUNKS = 'chunks';
/** It finds its own folder, and is loaded before anything else: it stays as it is. Seen from `CHUNKS`. */
const COMPILE_CACHE = '../../src/doors/compile-cache.js';

export async function bundle(root: string, dist: string): Promise<void> {
  const bundler = await rolldown({
    cwd: root,
    input: Object.fromEntries(ENTRIES.map((name) => [name, join('src', `${name}.ts`)])),
    platform: 'node',
    plugins: [packagesStay(), programsByUrl()],
    // A warning is a mistake in what is published, which nobody would see.
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  await bundler.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    // A process that is running while the package is updated finds no file rather than one of another version.
    chunkFileNames: `${CHUNKS}/[name]-[hash].js`,
  });
  await bundler.close();
}

function packagesStay(): Plugin {
  return {
    name: 'packages-stay',
    resolveId(specifier) {
      if (specifier.endsWith('/doors/compile-cache.js')) return { id: COMPILE_CACHE, external: true };
      return /^\.{0,2}\//.test(specifier) || specifier.startsWith('src/') ? null : { id: specifier, external: true };
    },
  };
}

/** Programs of threads and child processes are named by URL: each becomes an entry, wherever it comes to lie. */
function programsByUrl(): Plugin {
  return {
    name: 'programs-by-url',
    transform(code, id) {
      if (!/new URL\(['"]\.{1,2}\//.test(code)) return null;
      return {
        code: code.replaceAll(/new URL\(['"](\.{1,2}\/[^'"]+\.ts)['"], import\.meta\.url\)/g, (_, path: string) => {
          const program = this.emitFile({ type: 'chunk', id: resolve(id, '..', path) });
          return `new URL(import.meta.ROLLUP_FILE_URL_${program})`;
        }),
      };
    },
  };
}
