/**
 * `npm run build`: the published form of the package, in `dist/`; `npm pack ./dist` makes the tarball.
 *
 * Plain JavaScript with declarations, because Node does not run TypeScript inside `node_modules`.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildUi } from './build-ui.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly [field: string]: unknown;
}

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
for (const path of globSync('**/*.{js,d.ts}', { cwd: dist })) rewriteSpecifiers(join(dist, path));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
mkdirSync(join(dist, 'bin'), { recursive: true });
cpSync(join(root, 'bin', 'ostinato.js'), join(dist, 'bin', 'ostinato.js'));
chmodSync(join(dist, 'bin', 'ostinato.js'), 0o755);
await buildUi();
cpSync(join(root, 'ui', 'dist'), join(dist, 'ui', 'dist'), { recursive: true });
for (const name of ['README.md', 'LICENSE']) if (existsSync(join(root, name))) cpSync(join(root, name), join(dist, name));
console.log(`dist/: ostinato ${String(manifest['version'])}, ${globSync('**/*.js', { cwd: dist }).length} modules`);

/** What the compiler leaves as written: modules named by URL, as workers are, and `.ts` in declarations. */
function rewriteSpecifiers(path: string): void {
  const text = readFileSync(path, 'utf8');
  const workers = text.replaceAll(/(new URL\(\s*['"]\.{1,2}\/[^'"]+)\.ts(['"]\s*,\s*import\.meta\.url)/g, '$1.js$2');
  const rewritten = path.endsWith('.d.ts') ? workers.replaceAll(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2') : workers;
  if (rewritten !== text) writeFileSync(path, rewritten);
}

/** Without what only the checkout needs, and with every door leading to its compiled form. */
function publishedManifest({ scripts: _scripts, devDependencies: _devDependencies, allowScripts: _allowScripts, workspaces: _workspaces, ...kept }: Manifest): object {
  const doors = Object.entries(kept.exports).map(([name, door]) => {
    const { types, default: code } = typeof door === 'string' ? { types: door, default: door } : door;
    const stemOf = (path: string): string | undefined => /^\.\/src\/(.+)\.ts$/.exec(path)?.[1];
    return [name, stemOf(code) === undefined ? door : { types: `./${stemOf(types)}.d.ts`, default: `./${stemOf(code)}.js` }];
  });
  return { ...kept, exports: Object.fromEntries(doors) };
}
