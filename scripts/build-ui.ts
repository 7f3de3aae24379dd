/**
 * `npm run build:ui`: the web pages in `ui/dist`, built when they are missing or older than their sources.
 *
 * What they were built from is kept as a hash beside them, so a checkout or a copy, which changes dates only, builds nothing.
 * The new pages replace the old ones in one step: who serves them meanwhile never sees half of them.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'ui', 'dist');
const stamp = join(dist, '.built-from');

/** @returns whether anything had to be built */
export async function buildUi({ force = false }: { readonly force?: boolean } = {}): Promise<boolean> {
  const inputs = hashInputs();
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return false;
  installPackages();
  const fresh = join(root, 'node_modules', '.cache', `ui-${randomUUID()}`);
  mkdirSync(fresh, { recursive: true });
  const { build } = await import('vite');
  await build({ root: join(root, 'ui'), logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } });
  writeFileSync(join(fresh, '.built-from'), inputs);
  replaceFolder(fresh);
  return true;
}

/** Of the sources and of what they are built with. Types of the contract are erased, so they do not count. */
function hashInputs(): string {
  const hash = createHash('sha256');
  const files = globSync('ui/**/*.{ts,tsx,css,html,svg,json}', { cwd: root, exclude: ['**/node_modules/**', 'ui/dist/**', '**/*.test.ts'] }).sort();
  for (const path of files) hash.update(path).update('\0').update(readFileSync(join(root, path))).update('\0');
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

/** Running flows needs none of these packages, so a plain set-up leaves them out. */
function installPackages(): void {
  if (['vite', 'react', '@vitejs/plugin-react'].every((name) => existsSync(join(root, 'node_modules', name)))) return;
  console.log('The packages that the pages are built with are missing: npm install');
  const { status } = spawnSync('npm', ['install', '--no-save', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm install did not bring the packages that the pages are built with; its own words are above.');
}

function replaceFolder(fresh: string): void {
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

if (import.meta.main) {
  const built = await buildUi({ force: process.argv.includes('--force') });
  console.log(built ? 'ui/dist: built' : 'ui/dist: up to date');
}
