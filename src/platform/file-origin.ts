/** Whence a text comes: who hands it in, from which file, which commit. */

import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

import { gitStateOf, type GitState } from './git.ts';

export interface FileOrigin {
  /** As people call it. */
  readonly file: string;
  /** SHA-256, in hexadecimal digits. */
  readonly checksum: string;
  /** `null`: nothing is known of it there. */
  readonly git: GitState | null;
}

/** @param path absolute. @param shown as people call it */
export async function originOfFile(path: string, shown: string, text: string): Promise<FileOrigin> {
  return { file: shown, checksum: hash('sha256', text, 'hex'), git: await gitStateOf(path) };
}

/** Of the program in a file, called as from the working directory. `null`: there is no such file. */
export async function originOfProgram(path: string): Promise<FileOrigin | null> {
  const shown = relative(process.cwd(), path);
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : await originOfFile(path, shown.startsWith('..') ? path : shown, text);
}
