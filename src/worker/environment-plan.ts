/** How an environment is made, and what decides what is in it: by `npm ci`, by uv where there is one, else by pip. */

import { OstinatoError } from '../core/errors.ts';
import {
  askProgram,
  askProgramLately,
  copyInto,
  folderOfFile,
  nodeVersion,
  writeInto,
} from '../platform/environment-tools.ts';
import type { LockFile } from '../platform/lock-files.ts';
import type { ProgramOutput } from './preparation.ts';

type Entries = Readonly<Record<string, string | undefined>>;
type RunTool = (
  command: string,
  args: readonly string[],
  place: { readonly cwd: string; readonly environment: Entries },
) => Promise<ProgramOutput>;

export interface EnvironmentPlan {
  readonly label: string;
  readonly tool: string;
  /** What decides what is in it. */
  readonly parts: readonly string[];
  /** The interpreter, from its folder on; `null`: it is one of Node. */
  readonly python: string | null;
  readonly make: (folder: string, run: RunTool) => Promise<void>;
}

interface Wanted {
  readonly lockFile: LockFile;
  readonly environment: Entries;
}

const PYTHON = 'venv/bin/python';
const HAS_PREFECT = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("prefect") is None)';
const PREFECT_VERSION = 'import importlib.metadata as m; print(m.version("prefect"))';
const EXECUTABLE = 'import sys; print(sys.executable)';
const DESCRIBED = 'import platform, sys; print(sys.version, platform.machine(), platform.libc_ver(), sys.base_prefix)';

/** By `npm ci`, without the scripts of anything but the packages' own. */
export async function nodePlan({ lockFile, environment }: Wanted): Promise<EnvironmentPlan> {
  const beside = folderOfFile(lockFile.path);
  if (lockFile.linksBeside)
    throw new OstinatoError('unsupported', `${lockFile.path} links to folders beside it, which go with the run.`, {
      remedy: 'Publish or pack what it links to, or install it by a step: run_shell_script with npm ci.',
    });
  const env = {
    ...environment,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  return {
    label: 'package-lock.json',
    tool: 'npm ci',
    parts: ['node', nodeVersion(), ...lockFile.contents],
    python: null,
    async make(folder, run) {
      for (const name of ['package.json', 'package-lock.json', '.npmrc', ...lockFile.packed])
        copyInto(beside, name, folder);
      await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, environment: env });
    },
  };
}

export async function pythonPlan({ lockFile, environment }: Wanted): Promise<EnvironmentPlan> {
  const beside = folderOfFile(lockFile.path);
  const base = await findPython(environment);
  const described = (await askProgramLately(base, ['-c', DESCRIBED], environment)) ?? base;
  const prefect = await askProgramLately(base, ['-c', PREFECT_VERSION], environment);
  const hasUv = (await askProgramLately('uv', ['--version'], environment)) !== null;
  if (lockFile.kind === 'uv.lock' && !hasUv)
    throw new OstinatoError('unsupported', `${lockFile.path} can be installed by uv alone, and there is none.`, {
      remedy: 'Install uv where the worker runs, or write a requirements.txt: uv export --format requirements-txt',
    });
  const client = prefect === null ? 'prefect' : `prefect==${prefect}`;
  const env = { ...environment, PYTHONHOME: undefined, PYTHONPATH: undefined, VIRTUAL_ENV: undefined };
  return {
    label: lockFile.kind === 'requirements' ? fileName(lockFile.path) : lockFile.kind,
    tool: hasUv ? 'uv' : 'venv and pip',
    parts: ['python', described, hasUv ? 'uv' : 'pip', client, ...lockFile.contents],
    python: PYTHON,
    async make(folder, run) {
      const python = `${folder}/${PYTHON}`;
      const at = (cwd: string, more: Entries = {}) => ({ cwd, environment: { ...env, ...more } });
      const install = async (words: readonly string[], cwd: string): Promise<void> => {
        if (hasUv) await run('uv', ['pip', 'install', '--python', python, ...words], at(cwd));
        else
          await run(python, ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', ...words], at(cwd));
      };
      // By its name uv would pass over one that is itself of a virtual environment, and take another or none.
      const executable = (await askProgramLately(base, ['-c', EXECUTABLE], environment)) ?? base;
      if (hasUv) await run('uv', ['venv', '--python', executable, `${folder}/venv`], at(folder));
      else await run(base, ['-m', 'venv', `${folder}/venv`], at(folder));
      if (lockFile.kind === 'uv.lock') {
        const project = { UV_PROJECT_ENVIRONMENT: `${folder}/venv` };
        await run(
          'uv',
          ['sync', '--frozen', '--inexact', '--no-install-project', '--no-editable'],
          at(beside, project),
        );
      } else if (lockFile.kind === 'pyproject.toml') {
        const listed = writeInto(folder, 'requirements.txt', `${lockFile.requirements.join('\n')}\n`);
        await install(['-r', listed], beside);
      } else await install(['-r', lockFile.path], beside);
      // Runs are carried out by the client: where the file does not bring it, the worker's own version does.
      const isThere = (await askProgram(python, ['-c', HAS_PREFECT], env)) !== null;
      if (!isThere) await install([client], folder);
    },
  };
}

/** The one that runs of Python are started by: `python`, else `python3`. */
export async function findPython(environment: Entries): Promise<string> {
  for (const command of ['python', 'python3'])
    if ((await askProgramLately(command, ['--version'], environment)) !== null) return command;
  throw new OstinatoError('not-found', 'There is no Python where the worker runs: neither python nor python3.', {
    remedy: 'Install one, or start the worker where PATH leads to one.',
  });
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
