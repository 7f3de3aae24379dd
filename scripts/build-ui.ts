/**
 * `npm run build:ui`: the web pages in `ui/dist`, built when they are missing or older than their sources.
 *
 * What they were built from is kept as a hash beside them, so a checkout or a copy, which changes dates only, builds
 * nothing. The new pages replace the old ones in one step: who serves them meanwhile never sees half of them.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { packPages } from './pack-pages.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'ui', 'dist');
const stamp = join(dist, '.built-from');
/** Ten times what fetching packages and building takes. */
const TURN_WAIT_MS = 600_000;

/** @returns whether anything had to be built */
export async function buildUi({ force = false }: { readonly force?: boolean } = {}): Promise<boolean> {
  const inputs = hashInputs();
  if (!force && isBuiltFrom(inputs)) return false;
  const turn = waitForTurn();
  try {
    // Another process may just have built them.
    if (!force && isBuiltFrom(inputs)) return false;
    installPackages();
    const fresh = join(root, 'node_modules', '.cache', `ui-${randomUUID()}`);
    mkdirSync(fresh, { recursive: true });
    const { build } = await import('vite');
    await build({ root: join(root, 'ui'), logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } });
    await packPages(fresh);
    writeFileSync(join(fresh, '.built-from'), inputs);
    replaceFolder(fresh);
    return true;
  } finally {
    turn.close();
  }
}

function isBuiltFrom(inputs: string): boolean {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== inputs) return false;
  // A server compares dates before it asks for a build.
  utimesSync(stamp, new Date(), new Date());
  return true;
}

/** One build at a time: the system lets go of a lock of SQLite's when its process ends, however that happens. */
function waitForTurn(): DatabaseSync {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const lock = new DatabaseSync(join(cache, 'ui-build.lock'), { timeout: TURN_WAIT_MS });
  lock.exec('BEGIN EXCLUSIVE');
  return lock;
}

/** Of the sources and of what they are built with. Types of the contract are erased, so they do not count. */
function hashInputs(): string {
  const hash = createHash('sha256');
  const files = globSync(['ui/**/*.{ts,tsx,css,html,svg,json}', 'scripts/pack-pages.ts'], {
    cwd: root,
    exclude: ['**/node_modules/**', 'ui/dist/**', '**/*.test.ts'],
  }).sort();
  for (const path of files)
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

/**
 * Running flows needs none of these packages, so a plain set-up leaves them out. Adds only: what runs at the moment
 * must not lose its own.
 */
function installPackages(): void {
  const wanted = packagesOf('package-lock.json');
  // npm writes it last: an install that was interrupted is not in it.
  const installed = packagesOf(join('node_modules', '.package-lock.json'));
  const missing = Object.entries(wanted).flatMap(([path, { version, optional, devOptional, link }]) =>
    !path.startsWith('node_modules/') || optional || devOptional || link || installed[path]?.version === version
      ? []
      : [path.slice('node_modules/'.length)],
  );
  if (missing.length === 0) return;
  console.error(`Packages that the pages are built with are missing (${missing.length}): npm install`);
  const words = [
    'install',
    '--no-save',
    '--include=dev',
    '--ignore-scripts',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--prefer-offline',
    '--fetch-retries=1',
  ];
  const { status, error } = spawnSync('npm', words, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error !== undefined)
    throw new Error(
      `npm, which fetches the packages that the pages are built with, cannot be started: ${error.message}`,
    );
  if (status !== 0)
    throw new Error('npm install did not bring the packages that the pages are built with; its own words are above.');
}

interface Locked {
  readonly version?: string;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

function packagesOf(lockFile: string): Readonly<Record<string, Locked>> {
  try {
    return (JSON.parse(readFileSync(join(root, lockFile), 'utf8')) as { packages: Record<string, Locked> }).packages;
  } catch {
    return {};
  }
}

function replaceFolder(fresh: string): void {
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

if (import.meta.main) {
  try {
    const built = await buildUi({ force: process.argv.includes('--force') });
    console.error(built ? 'ui/dist: built' : 'ui/dist: up to date');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
