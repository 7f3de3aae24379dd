/** Files that say which packages a program needs, and the hash by which what is made from them is known again. */

import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { isInside } from './path-inside.ts';
import { readTomlFile } from './toml-file.ts';

export interface LockFile {
  readonly kind: 'uv.lock' | 'requirements' | 'pyproject.toml' | 'package-lock.json';
  /** Absolute. */
  readonly path: string;
  /** Of all that decides what is installed. */
  readonly contents: readonly string[];
  /** Of a `pyproject.toml`: what it depends on. */
  readonly requirements: readonly string[];
  /** Names a folder beside it that it does not copy: what is made from it would lead into the run's folder. */
  readonly linksBeside: boolean;
  /** Packed packages that lie beside it, by their ways from its folder. */
  readonly packed: readonly string[];
}

const NAMES = { python: ['uv.lock', 'requirements.txt', 'pyproject.toml'], node: ['package-lock.json'] } as const;

/** What a requirements file names of other files: includes, constraints, wheels and folders beside it. */
const INCLUDED = /^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)/;
const EDITABLE = /^\s*(?:-e|--editable)\b/;
const LOCAL = /^\s*(?:(\.{0,2}\/\S+)|(\S+\.(?:whl|tar\.gz|zip))\s*(?:$|[;#])|[\w.[\]-]+\s*@\s*file:(\S+))/;
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const INCLUDES_MAX = 50;
const FOLDER_FILES_MAX = 2000;

/** The nearest one, from the folder of the entrypoint up to where the run begins. */
export function findLockFile(language: 'python' | 'node', root: string, file: string): LockFile | null {
  const top = resolve(root);
  let folder = dirname(resolve(root, file));
  if (folder !== top && !folder.startsWith(`${top}/`)) folder = top;
  for (;;) {
    for (const name of NAMES[language]) {
      const found = existsSync(join(folder, name)) ? readLockFile(join(folder, name), root) : null;
      if (found !== null) return found;
    }
    if (folder === top) return null;
    folder = dirname(folder);
  }
}

/** `null`: it names no packages. @throws `bad-input` for what would leave an environment that leads elsewhere */
export function readLockFile(path: string, root: string): LockFile | null {
  const name = basename(path);
  if (!isInside(root, path)) throw wayOut(path);
  if (name === 'uv.lock') {
    const beside = join(dirname(path), 'pyproject.toml');
    const contents = [contentOf(path), existsSync(beside) ? contentOf(beside) : ''];
    return { kind: 'uv.lock', path, contents, requirements: [], linksBeside: false, packed: [] };
  }
  if (name === 'pyproject.toml') {
    const project = readTomlFile(path)?.['project'] as { readonly dependencies?: unknown } | undefined;
    const listed = project?.dependencies;
    if (!Array.isArray(listed) || listed.length === 0) return null;
    const requirements = listed.map(String);
    return { kind: 'pyproject.toml', path, contents: requirements, requirements, linksBeside: false, packed: [] };
  }
  if (name === 'package-lock.json') {
    const text = contentOf(path);
    const beside = join(dirname(path), 'package.json');
    const contents = [text, existsSync(beside) ? contentOf(beside) : ''];
    const packed = [...text.matchAll(/"resolved":\s*"file:([^"]+)"/g)].map(([, way = '']) => way);
    for (const way of packed) if (!isInside(root, resolve(dirname(path), way))) throw wayOut(way);
    const linksBeside =
      /"link":\s*true/.test(text) || packed.some((way) => way.startsWith('..') || way.startsWith('/'));
    return { kind: 'package-lock.json', path, contents, requirements: [], linksBeside, packed };
  }
  const contents = requirementContents(path, root, new Set());
  return { kind: 'requirements', path, contents, requirements: [], linksBeside: false, packed: [] };
}

/** Names an environment: the same contents for the same interpreter are the same environment. */
export function environmentKey(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}

function requirementContents(path: string, root: string, seen: Set<string>): readonly string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  if (seen.size > INCLUDES_MAX)
    throw new OstinatoError('bad-input', `${path} includes more than ${INCLUDES_MAX} files.`, {
      remedy: 'Write what is needed into fewer files.',
    });
  if (!isInside(root, path)) throw wayOut(path);
  const text = contentOf(path);
  const contents = [text];
  for (const line of text.split('\n')) {
    if (EDITABLE.test(line))
      throw new OstinatoError('bad-input', `${path} installs in place: ${line.trim()}`, {
        remedy: 'Leave -e away: what is installed outlives the folder of the run.',
      });
    const [, included] = INCLUDED.exec(line) ?? [];
    if (included !== undefined) {
      if (!/^\w+:/.test(included)) contents.push(...requirementContents(resolve(dirname(path), included), root, seen));
      continue;
    }
    const [, beside, archive, url] = LOCAL.exec(line) ?? [];
    const local = beside ?? archive ?? url?.replace(/^\/\//, '');
    if (local !== undefined && !/^\w+:/.test(local)) contents.push(hashOf(resolve(dirname(path), local)));
  }
  return contents;
}

function contentOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > FILE_BYTES_MAX)
    throw new OstinatoError('bad-input', `${path} is no file that can be read whole.`, {
      remedy: 'Name a file that is there.',
    });
  return readFileSync(path, 'utf8');
}

function hashOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'missing';
  if (!found.isDirectory()) return hash('sha256', readFileSync(path), 'hex');
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length > FOLDER_FILES_MAX)
    throw new OstinatoError('bad-input', `${path} holds more than ${FOLDER_FILES_MAX} files to install from.`, {
      remedy: 'Install from a built package, or from a smaller folder.',
    });
  const parts = files.map(({ parentPath, name }) => [
    join(parentPath, name).slice(path.length),
    hash('sha256', readFileSync(join(parentPath, name)), 'hex'),
  ]);
  return JSON.stringify(parts.toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)));
}

function wayOut(path: string): OstinatoError {
  return new OstinatoError('bad-input', `${path} leads out of the folder of the run.`, {
    remedy: 'Keep the files that list packages beside the code.',
  });
}
