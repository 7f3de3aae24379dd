/**
 * `npm run build`, and by itself before `npm pack` and `npm publish`: `dist/`, which the doors and the command lead to
 * where there are no sources.
 *
 * Plain JavaScript with declarations, because Node does not run TypeScript inside `node_modules`; and the pages. It
 * says what it does on stderr: stdout of `npm pack` is the name of the file.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { buildUi } from './build-ui.ts';
import { bundle } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const DOORS = ['index.d.ts', 'testing.d.ts'];

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  { stdio: ['ignore', 2, 2] },
);
if (status !== 0) process.exit(1);
for (const path of globSync('**/*.d.ts', { cwd: dist })) rewriteSpecifiers(join(dist, path));
removeHiddenDeclarations();
await bundle(root, dist);
await buildUi();
cpSync(join(root, 'ui', 'dist'), join(dist, 'ui'), {
  recursive: true,
  filter: (path) => !path.endsWith('.built-from'),
});
console.error(
  `dist/: ${globSync('**/*.js', { cwd: dist }).length} files of code, ${globSync('**/*.d.ts', { cwd: dist }).length} declarations`,
);

/** The compiler leaves `.ts` in declarations as it is written. */
function rewriteSpecifiers(path: string): void {
  const text = readFileSync(path, 'utf8');
  const rewritten = text.replaceAll(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2');
  if (rewritten !== text) writeFileSync(path, rewritten);
}

/** Of a module that no door leads to nobody can use the types. */
function removeHiddenDeclarations(): void {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(
      /(?:from|import\(|import)\s*['"](\.{1,2}\/[^'"]+)\.js['"]/g,
    ))
      visit(`${join(dirname(path), specifier)}.d.ts`);
  };
  for (const door of DOORS) visit(join(dist, door));
  for (const path of globSync('**/*.d.ts', { cwd: dist })) if (!seen.has(join(dist, path))) rmSync(join(dist, path));
}
