/**
 * A PostgreSQL server of the tests' own: a cluster in a temporary folder, on a socket in that folder, without flushes
 * to the disk, unless they are asked for.
 *
 * Debian's package brings the programs; where they are missing and this is root, they are installed. Root may not run
 * the server: it runs as the user that the package has made.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface PostgresServer {
  /** The address of an empty database of this server. */
  createDatabase(): string;
  stop(): Promise<void>;
}

const START_TRIES_MAX = 600;
const IS_ROOT = process.getuid?.() === 0;

function programs(): string {
  const find = (): string | undefined =>
    globSync('/usr/lib/postgresql/*/bin')
      .filter((folder) => existsSync(join(folder, 'initdb')))
      .sort()
      .at(-1);
  const found = find();
  if (found !== undefined) return found;
  if (!IS_ROOT) throw new Error('PostgreSQL is missing: install the package `postgresql`.');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update'], { env: environment, stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], {
    env: environment,
    stdio: 'ignore',
  });
  const installed = find();
  if (installed === undefined)
    throw new Error('PostgreSQL was installed, and its programs are not where Debian has them.');
  return installed;
}

function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (!IS_ROOT) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const WITHOUT_FLUSHES = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** @param isDurable with the server's own settings: what is committed is on the disk */
export async function startPostgres({ isDurable = false } = {}): Promise<PostgresServer> {
  const bin = programs();
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-pg-'));
  chmodSync(folder, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const run = (program: string, args: readonly string[]): string =>
    execFileSync(join(bin, program), args, {
      ...user,
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  // Not byte by byte on purpose: the store brings its own order of texts.
  run('initdb', ['-D', 'data', '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  const server = spawn(
    join(bin, 'postgres'),
    [
      '-D',
      'data',
      '-k',
      folder,
      ...[
        'listen_addresses=',
        'max_connections=200',
        'deadlock_timeout=50ms',
        ...(isDurable ? [] : WITHOUT_FLUSHES),
      ].flatMap((setting) => ['-c', setting]),
    ],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const psql = (database: string, statement: string): string =>
    run('psql', ['-h', folder, '-U', 'test', '-d', database, '-qAtc', statement]);
  await untilReady(server, () => psql('postgres', 'SELECT 1'));
  let databases = 0;
  return {
    createDatabase() {
      const name = `test_${(databases += 1)}`;
      psql('postgres', `CREATE DATABASE ${name}`);
      return `postgresql://test@localhost/${name}?host=${encodeURIComponent(folder)}`;
    },
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      // At once, whoever is connected.
      server.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(server: ChildProcess, ask: () => string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode} while it started.`);
    try {
      ask();
      return;
    } catch (error) {
      if (tries >= START_TRIES_MAX) throw error;
      await delay(50);
    }
  }
}
