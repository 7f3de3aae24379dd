#!/usr/bin/env node
/**
 * `node scripts/ready.js [--workspaces] FILE [ARGUMENT…]`: makes the checkout ready, then runs FILE on the Node that
 * the repository brings.
 *
 * `--workspaces` brings the packages of the workspaces too (what the web pages are built with and tested in). Without
 * it they are left out: they are as many as all others together, and running a flow needs none of them.
 *
 * In plain JavaScript, because it has to run on whatever Node the machine has (20 or newer). It installs when the
 * installed packages are not those of package-lock.json, and says so.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const withWorkspaces = process.argv[2] === '--workspaces';
const command = process.argv.slice(withWorkspaces ? 3 : 2);
const ownNode = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
  } catch {
    return null;
  }
}

/** Paths in the lock file of what the root package needs, so without what only workspaces need. */
function neededByRoot(packages) {
  const needed = new Set();
  const visit = (path, { dependencies, peerDependencies, devDependencies }) => {
    const wanted = { ...dependencies, ...peerDependencies, ...(path === '' ? devDependencies : {}) };
    for (const name of Object.keys(wanted)) {
      // As Node looks for a package: beside its user first, then in the folders above.
      const folders = path
        .split('/node_modules/')
        .map((_, depth, parts) => parts.slice(0, parts.length - depth).join('/node_modules/'));
      const found = [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].find(
        (candidate) => candidate in packages,
      );
      if (found === undefined || needed.has(found)) continue;
      needed.add(found);
      visit(found, packages[found]);
    }
  };
  visit('', packages['']);
  return needed;
}

/** Why an install is needed, or null. Compares versions, not dates: a checkout or a copy changes dates only. */
function reasonToInstall() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf(join('node_modules', '.package-lock.json'));
  if (installed === null) return 'nothing is installed yet';
  const needed = withWorkspaces ? null : neededByRoot(wanted);
  for (const [path, { version, optional, devOptional, link }] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/') || optional || devOptional || link || needed?.has(path) === false) continue;
    const present = installed[path];
    if (present === undefined) return `${path.slice('node_modules/'.length)} is missing`;
    if (present.version !== version)
      return `${path.slice('node_modules/'.length)} is ${present.version}, not ${version}`;
  }
  return existsSync(ownNode) ? null : 'the Node that the repository brings is missing';
}

function install(reason) {
  // Not to stdout, which may be asked for the name of a package: see `prepack`.
  console.error(`Set-up: npm ci (${reason})`);
  const startedAt = Date.now();
  const options = [
    'ci',
    '--include=dev',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    ...(withWorkspaces ? [] : ['--workspaces=false']),
  ];
  const { status } = spawnSync('npm', options, { cwd: root, stdio: ['ignore', 2, 2], shell: windows });
  if (status !== 0 || !existsSync(ownNode)) {
    console.error('Set-up failed: `npm ci` did not bring every package. Its own words are above.');
    process.exit(status || 1);
  }
  console.error(`Set-up: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

const reason = reasonToInstall();
if (reason !== null) install(reason);

const child = spawn(ownNode, command, {
  stdio: 'inherit',
  env: { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter) },
});
// A terminal sends Ctrl-C to the child too; passing it on would make two of one.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`Cannot start ${ownNode}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
