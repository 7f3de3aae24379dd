/** What is asked and written while an environment is made. */

import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { makeFolder } from './make-folder.ts';

const run = promisify(execFile);
/** A program that hangs must not hold a run up for ever. */
const ASK_TIMEOUT_MS = 60_000;

/** What the program writes; `null`: there is none, or it ends otherwise than well. */
export async function askProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  try {
    const { stdout } = await run(command, [...args], { env: environment, cwd: '/', timeout: ASK_TIMEOUT_MS });
    return stdout.trim();
  } catch {
    return null;
  }
}

const asked = new Map<string, { readonly answer: Promise<string | null>; readonly atMs: number }>();
/** So long a program that was asked counts as the same one. */
const SAME_MS = 60_000;

/** The same, but one that was asked lately is not asked again: what is installed changes seldom. */
export function askProgramLately(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const key = JSON.stringify([command, args, environment['PATH'], environment['HOME']]);
  const known = asked.get(key);
  if (known !== undefined && performance.now() - known.atMs < SAME_MS) return known.answer;
  const answer = askProgram(command, args, environment);
  asked.set(key, { answer, atMs: performance.now() });
  return answer;
}

export function nodeVersion(): string {
  return `${process.version} ${process.platform} ${process.arch}`;
}

export function folderOfFile(path: string): string {
  return dirname(path);
}

/** One that is not there is left out. */
export function copyInto(from: string, name: string, folder: string): void {
  if (!existsSync(join(from, name))) return;
  makeFolder(dirname(join(folder, name)));
  copyFileSync(join(from, name), join(folder, name));
}

/** @returns its path */
export function writeInto(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
