#!/usr/bin/env node
/**
 * The `ostinato` command: finds a Node that is new enough, switches the compile cache on and hands over to the command
 * line.
 *
 * Plain JavaScript without anything newer than Node 18, because it has to explain itself on an old one.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { enableCompileCache } from '../src/doors/compile-cache.js';

const NODE_MAJOR_MIN = 24;

const SERVER_FLAGS = ['--max-semi-space-size=2', '--v8-pool-size=1', '--heap-growing-percent=20'];
const SERVER_ALLOCATOR = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '32768' };
/** 9 MB less. Its environment is that of its runs: they keep the allocator that they have without it. */
const WORKER_FLAGS = ['--max-semi-space-size=2'];

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));

const isSource = existsSync(join(root, 'src', 'cli', 'main.ts'));

if (
  isSource &&
  !existsSync(join(root, 'node_modules', '.package-lock.json')) &&
  existsSync(join(root, 'scripts', 'ready.js'))
) {
  // A checkout in which nothing is installed yet.
  startWith(process.execPath, [join(root, 'scripts', 'ready.js'), self, ...process.argv.slice(2)], {});
} else if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  startWithNewerNode();
} else {
  await start();
}

async function start() {
  if (isServer(process.argv.slice(2))) slimDown(SERVER_FLAGS, SERVER_ALLOCATOR);
  if (isWorker(process.argv.slice(2))) slimDown(WORKER_FLAGS, {});
  delete process.env.OSTINATO_REEXECUTED;
  const load = (path) =>
    import(pathToFileURL(isSource ? join(root, 'src', `${path}.ts`) : join(root, 'dist', `${path}.js`)).href);
  enableCompileCache();
  const { main } = await load('cli/main');
  process.exitCode = await main(process.argv.slice(2));
}

/** A server that stays in this process. */
function isServer(words) {
  return words[0] === 'server' && words[1] === 'start' && !words.includes('--background') && !words.includes('--help');
}

function isWorker(words) {
  return (words[0] === 'worker' || words[0] === 'agent') && words[1] === 'start' && !words.includes('--help');
}

/**
 * Small spaces for young objects, which a server's hardly outlive their request, one helper thread of V8, a heap that
 * may grow by a fifth before it is looked through (else to three times what is used), and an allocator that gives back
 * what is free, pieces of 32 KiB (what V8 compiles in) by themselves: 118 MB less resident memory under load for 40 ms
 * more of start. Smaller pieces would give 8 MB more, and lists would take a third more time. Only a process that
 * starts anew can have them; this one becomes it.
 */
function slimDown(flags, allocator) {
  // Whoever gives flags of their own has their way: a profiler's timer, for one, would outlive the change and end the
  // process.
  if (process.execArgv.length > 0 || process.env.NODE_OPTIONS) return;
  // Windows cannot; a channel to a parent would not survive.
  if (process.execve === undefined || process.platform === 'win32' || process.channel !== undefined) return;
  process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], {
    ...allocator,
    ...process.env,
  });
}

/**
 * The npm package `node` puts one beside its users: in this checkout, or in the project that Ostinato is installed in.
 */
function startWithNewerNode() {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const candidates = [join(root, 'node_modules', 'node', 'bin', binary), join(root, '..', 'node', 'bin', binary)];
  const newer = candidates.find((path) => existsSync(path) && path !== process.execPath);
  if (newer === undefined) {
    console.error(
      `Ostinato needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version} (${process.execPath}). Bring one along with the project: npm install --save-dev node`,
    );
    process.exit(2);
  }
  if (process.env.OSTINATO_REEXECUTED === newer) {
    console.error(`${newer} is older than Node ${NODE_MAJOR_MIN}. Update it: npm install --save-dev node@latest`);
    process.exit(2);
  }
  startWith(newer, [self, ...process.argv.slice(2)], { OSTINATO_REEXECUTED: newer });
}

function startWith(program, words, environment) {
  const child = spawn(program, words, { stdio: 'inherit', env: { ...process.env, ...environment } });
  // A terminal sends Ctrl-C to the child too; passing it on would make two of one, and two mean "stop now".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`Cannot start ${program}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
