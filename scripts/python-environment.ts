/** Virtual environments for the Python programs that tests drive: made once, made anew when what they hold changes. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const windows = process.platform === 'win32';
/** Several times what a slow connection needs. */
const STEP_TIMEOUT_MS = 15 * 60_000;
/** An environment whose maker died half-way is made by somebody else after this time. */
const LOCK_AGE_MS_MAX = 20 * 60_000;

export interface PythonEnvironment {
  /** Where it lies; git ignores every `.venv`. */
  readonly folder: string;
  /** What `pip install` is told, for instance `prefect==3.8.8`. */
  readonly requirements: readonly string[];
  /** Minor versions of Python 3 that will do, the best first. */
  readonly minors: readonly number[];
  /** The interpreter in it. */
  readonly python: string;
}

export function pythonEnvironment(facts: Omit<PythonEnvironment, 'python'>): PythonEnvironment {
  return { ...facts, python: join(facts.folder, windows ? 'Scripts/python.exe' : 'bin/python') };
}

export function isPrepared({ folder, requirements }: PythonEnvironment): boolean {
  const stamp = join(folder, 'installed.txt');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements.join('\n');
}

/**
 * Makes the environment unless it is there; of several processes one makes it and the others wait.
 *
 * @throws Error that says what is missing: Python, its venv module, or the package index
 */
export async function preparePython(environment: PythonEnvironment, say: (message: string) => void): Promise<void> {
  while (!isPrepared(environment)) {
    const release = takeLock(`${environment.folder}.lock`);
    if (release === null) {
      await sleep(500);
      continue;
    }
    try {
      if (!isPrepared(environment)) await make(environment, say);
    } finally {
      release();
    }
  }
}

async function make(
  { folder, requirements, minors, python }: PythonEnvironment,
  say: (message: string) => void,
): Promise<void> {
  const startedAt = performance.now();
  say(`Set-up: Python with ${requirements[0]} (about a minute, once)`);
  rmSync(folder, { recursive: true, force: true });
  await makeVirtual(findPython(minors, say), folder, say);
  await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-compile',
    ...requirements,
  ]);
  // The tests start many short programs: what they all load is compiled once, here.
  await run(python, ['-m', 'compileall', '-q', '-j', '0', join(folder, 'lib')], { mayFail: true });
  writeFileSync(join(folder, 'installed.txt'), requirements.join('\n'));
  say(`Set-up: ${requirements[0]} is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function findPython(minors: readonly number[], say: (message: string) => void): string {
  return (
    searchPython(minors) ??
    (installFromSystem(['python3', 'python3-venv'], say) ? searchPython(minors) : null) ??
    missing(minors)
  );
}

function missing(minors: readonly number[]): never {
  throw new Error(
    `No Python 3.${minors.join(', 3.')} was found, and none could be installed: install one of them, with its venv module.`,
  );
}

function searchPython(minors: readonly number[]): string | null {
  const candidates = [...minors.map((minor) => `python3.${minor}`), 'python3', 'python'];
  const check = `import sys; sys.exit(sys.version_info[0] != 3 or sys.version_info[1] not in [${minors.join()}])`;
  return (
    candidates.find(
      (command) => spawnSync(command, ['-c', check], { stdio: 'ignore', env: bareEnvironment() }).status === 0,
    ) ?? null
  );
}

/** Debian has the venv module in a package of its own. */
async function makeVirtual(python: string, folder: string, say: (message: string) => void): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  if (await run(python, ['-m', 'venv', folder], { mayFail: true })) return;
  rmSync(folder, { recursive: true, force: true });
  installFromSystem(['python3-venv'], say);
  await run(python, ['-m', 'venv', folder]);
}

function installFromSystem(packages: readonly string[], say: (message: string) => void): boolean {
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return false;
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [command = 'apt-get', ...words] = [
    ...prefix,
    'apt-get',
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    ...packages,
  ];
  say(`Set-up: ${[command, ...words].join(' ')}`);
  const options = {
    stdio: 'ignore',
    timeout: STEP_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  if (spawnSync(command, words, options).status === 0) return true;
  // The lists of packages of a fresh machine may be empty.
  const [update, ...updateWords] = [...prefix, 'apt-get', 'update', '-qq'];
  spawnSync(update, updateWords, options);
  return spawnSync(command, words, options).status === 0;
}

/** @returns whether it did what it should */
async function run(command: string, words: readonly string[], { mayFail = false } = {}): Promise<boolean> {
  const options = { encoding: 'utf8', timeout: STEP_TIMEOUT_MS, maxBuffer: 1 << 26, env: bareEnvironment() } as const;
  const failure = await new Promise<string | null>((resolve) => {
    execFile(command, words, options, (error, stdout, stderr) =>
      resolve(error === null ? null : `${error.message}\n${(stderr + stdout).trim().slice(-4000)}`),
    );
  });
  if (failure !== null && !mayFail) throw new Error(failure);
  return failure === null;
}

/** Another environment that is active in the terminal must not be changed. */
function bareEnvironment(): Record<string, string> {
  const unwanted = /^(PYTHON|VIRTUAL_ENV$)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !unwanted.test(entry[0]),
    ),
  );
}

/** @returns what gives it back, or `null` when somebody else has it */
function takeLock(path: string): (() => void) | null {
  mkdirSync(dirname(path), { recursive: true });
  const release = (): void => rmSync(path, { force: true });
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    process.once('exit', release);
    return release;
  } catch {
    if (isAbandoned(path)) release();
    return null;
  }
}

function isAbandoned(path: string): boolean {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > LOCK_AGE_MS_MAX) return true;
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
