/**
 * Before `npm pack` in `packages/create-ostinato`: what it shares with `ostinato init`, with the types stripped, in its
 * `dist/`.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const sources = join(root, 'src');
const dist = join(root, 'packages', 'create-ostinato', 'dist');
const RELATIVE = /(\bfrom\s*['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;

rmSync(dist, { recursive: true, force: true });
const done = new Set<string>();
strip(join(sources, 'cli', 'new-project', 'set-up.ts'));
console.error(`dist/: ${done.size} modules`);

function strip(path: string): void {
  if (done.has(path)) return;
  done.add(path);
  // Blank lines where types were: imports of types alone are gone.
  const text = stripTypeScriptTypes(readFileSync(path, 'utf8'));
  for (const [, , specifier] of text.matchAll(RELATIVE)) strip(join(dirname(path), `${specifier}.ts`));
  const target = join(dist, relative(sources, path).replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text.replaceAll(RELATIVE, '$1$2.js$3').replaceAll(/[ \t]+$/gm, ''));
}
