/** A virtual environment with the Prefect that we measure against, made once and used again. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { cleanEnvironment, runProgram } from '../program.ts';

export const PREFECT_VERSION = '3.9.1';
/** Prefect's own bounds would let newer ones in, with which this version was not published. */
const REQUIREMENTS = [`prefect==${PREFECT_VERSION}`, 'fastapi>=0.139,<0.151', 'starlette>=1.0.1,<1.11'];
const PYTHON_MINOR_MIN = 10;

/** Git ignores every `.venv`. */
const folder = join(import.meta.dirname, '..', '.venv', `prefect-${PREFECT_VERSION}`);

export interface PrefectEnvironment {
  readonly python: string;
  readonly prefect: string;
}

/** @throws Error that says what to install when there is no suitable Python, no `venv`, or no package index */
export function preparePrefect(say: (message: string) => void): PrefectEnvironment {
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const environment = { python: join(bin, 'python'), prefect: join(bin, 'prefect') };
  const stamp = join(folder, 'installed.txt');
  const wanted = REQUIREMENTS.join('\n');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return environment;
  const python = findPython();
  say(`Set-up: installing Prefect ${PREFECT_VERSION} into a virtual environment of its own (about a minute, once)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  try {
    runProgram({ command: python, args: ['-m', 'venv', folder] });
  } catch (cause) {
    throw new Error(
      'Python cannot make virtual environments here: install its venv module (on Debian: apt install python3-venv).',
      { cause },
    );
  }
  runProgram({
    command: environment.python,
    args: ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...REQUIREMENTS],
  });
  writeFileSync(stamp, wanted);
  return environment;
}

function findPython(): string {
  const candidates = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  const check = `import sys; sys.exit(sys.version_info < (3, ${PYTHON_MINOR_MIN}))`;
  const found = candidates.find(
    (command) => spawnSync(command, ['-c', check], { env: cleanEnvironment(), stdio: 'ignore' }).status === 0,
  );
  if (found === undefined)
    throw new Error(
      `Prefect needs Python 3.${PYTHON_MINOR_MIN} or newer, and none was found: install it, or use --without-prefect.`,
    );
  return found;
}
