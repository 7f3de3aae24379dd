/** Code of elsewhere that this process loads: cloned into a folder that goes with the process. */

import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { OstinatoError } from '../core/errors.ts';
import { showRepository } from '../core/pull-steps/repository.ts';
import type { GitStep } from '../core/pull-steps/pull-step.ts';
import { gitCommands, gitEnvironment } from './git-clone.ts';
import { isInside } from './path-inside.ts';
import { workingDirectory } from './working-directory.ts';

const run = promisify(execFile);
const CLONE_TIMEOUT_MS = 600_000;

/** @returns the folder of the clone. @throws `upstream-failed` with what git says */
export async function cloneForProcess(step: Omit<GitStep, 'kind'>): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ostinato-source-')));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const into = join(folder, step.into);
  const env = { ...process.env, ...gitEnvironment(step) };
  for (const { words, folder: below } of gitCommands(step)) {
    try {
      await run('git', [...words], { cwd: below === null ? folder : into, env, timeout: CLONE_TIMEOUT_MS });
    } catch (cause) {
      const { stderr = '', message } = cause as { stderr?: string; message: string };
      const said = stderr.trim().split('\n').at(-1) ?? message;
      throw new OstinatoError('upstream-failed', `${showRepository(step.repository)} could not be cloned: ${said}`, {
        cause,
        remedy: 'Check the address, the branch and who may read it: git asks for no password here.',
      });
    }
  }
  return into;
}

/** @returns the file, absolute. @throws `not-found`, `bad-input`: it is not there, or leads out of the folder */
export function sourceFile(folder: string, file: string, shown: string): string {
  const root = resolve(workingDirectory().path, folder);
  const path = resolve(root, file);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new OstinatoError('not-found', `There is no folder ${root}.`, { remedy: 'Check the path.' });
  if (!isInside(root, file))
    throw new OstinatoError('bad-input', `${JSON.stringify(file)} leads out of ${shown}.`, {
      remedy: 'Name a file in it.',
    });
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new OstinatoError('not-found', `There is no file ${file} in ${shown}.`, { remedy: 'Check the path.' });
  return realpathSync(path);
}
