/** The folder of a run: what its pull steps bring lies there, and is taken away with the run. */

import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

import { diskError } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';
import { isInside } from './path-inside.ts';
import { findProcesses } from './process-use.ts';

/** So old is one that nobody works in, and whose worker could not take it away. */
const LEFT_MS = 3_600_000;

export function runFoldersOf(home: string): string {
  return join(home, 'worker', 'runs');
}

/** Made anew: what an earlier process of the run has left there is gone. @throws what the disk says */
export function makeRunFolder(home: string, runId: string): string {
  const path = join(runFoldersOf(home), runId);
  try {
    rmSync(path, { recursive: true, force: true });
    makeFolder(path);
    return realpathSync(path);
  } catch (error) {
    throw diskError(error, 'make the folder of the run', path);
  }
}

/** Also `false` for what can be no path. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Never rejects: where something is written still, the next worker takes it away. */
export async function removeRunFolder(home: string, runId: string): Promise<void> {
  await rm(join(runFoldersOf(home), runId), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** Takes away what workers left that were killed. @param entry by it the processes of a run are found */
export function removeLeftFolders(home: string, entry: string, nowMs: number): void {
  const root = runFoldersOf(home);
  let names: readonly string[];
  try {
    names = readdirSync(root);
  } catch {
    return;
  }
  for (const name of names) {
    const changed = lstatSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - changed < LEFT_MS || findProcesses(entry, name, null).length > 0) continue;
    void removeRunFolder(home, name);
  }
}

/** `null`: there is no such folder, or the way leads out of the base. */
export function folderInside(base: string, word: string): string | null {
  return isInside(base, word) ? folderAt(base, word) : null;
}

/** `null`: there is no such folder. */
export function folderAt(base: string, word: string): string | null {
  const path = resolve(base, word);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? realpathSync(path) : null;
}

export function isAbsolutePath(word: string): boolean {
  return isAbsolute(word);
}

/** @returns whether there was none, and now is one */
export function linkInto(folder: string, name: string, target: string): boolean {
  const path = join(folder, name);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
  symlinkSync(target, path, 'dir');
  return true;
}

/** Whether a folder holds settings that Prefect's client reads when it is imported there. */
export function hasClientSettings(folder: string): boolean {
  if (existsSync(join(folder, 'prefect.toml')) || existsSync(join(folder, '.env'))) return true;
  try {
    return readFileSync(join(folder, 'pyproject.toml'), 'utf8').includes('[tool.prefect');
  } catch {
    return false;
  }
}
