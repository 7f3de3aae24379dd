/**
 * What npm runs as `prepare`: after it has installed the packages of a checkout, before it packs one, and where `npx
 * ostinato` is typed in a checkout that has no packages yet. There it has nothing to do, as that command sets up what
 * it needs by itself.
 *
 * Plain JavaScript, because it runs on whatever Node is there. A package that npm makes of a git address (`npm install
 * git+…`) is built here: npm calls no `prepack` for those. It comes along with the package, as npm may call it for one
 * that is installed from a tarball, where it has nothing to do either.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ownNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (existsSync(ownNode)) {
  run('link-self.ts');
  if (process.env._PACOTE_NO_PREPARE_ === undefined && process.env.npm_package_resolved === undefined) {
    lendTypes();
    run('fill-compile-cache.ts');
  } else if (!existsSync(join(root, 'dist', 'index.js'))) run('build.ts');
}

/** Until it is built, a checkout has the types of its sources, as its doors lead to them. */
function lendTypes() {
  for (const { types } of Object.values(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports)) {
    const path = types && join(root, types);
    if (!path || existsSync(path) || !existsSync(join(root, 'src'))) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `export * from '${types.replace('./dist/', '../src/').replace(/\.d\.ts$/, '.js')}';\n`);
  }
}

function run(script) {
  const { status } = spawnSync(ownNode, [join(root, 'scripts', script)], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
