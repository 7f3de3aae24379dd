/** Writes a project into a folder: what is there stays as it is, byte for byte. */

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

import { OstinatoError } from '../../core/errors.ts';
import { dependenciesOf, manifestOf, projectFiles, type ProjectFacts, type ProjectFile } from './project-files.ts';
import { projectName } from './project-name.ts';

const NODE_MAJOR_MIN = 24;

export interface MakeOptions {
  /** Absolute. Made when it is not there. */
  readonly folder: string;
  /** A range, a tag, an address, or the path of a tarball. */
  readonly ostinato: string;
  /** Where a path among these options starts. */
  readonly workingDirectory: string;
  /** Of the Node that will run the project, such as `26.1.0`. */
  readonly nodeVersion: string;
}

export interface MadeProject {
  readonly folder: string;
  readonly written: readonly string[];
  /** Were there before. */
  readonly kept: readonly string[];
  readonly ending: '.ts' | '.mts';
  /** Whether it has a Node of its own. */
  readonly bringsNode: boolean;
  /** What the package.json that was there does not name yet, as words for a package manager; empty for a new one. */
  readonly missing: { readonly dependencies: readonly string[]; readonly devDependencies: readonly string[] };
}

interface Manifest {
  readonly type?: unknown;
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

/** @throws `bad-input` when no folder can be there, or its package.json cannot be read; then nothing is written */
export function makeProject({ folder, ostinato, workingDirectory, nodeVersion }: MakeOptions): MadeProject {
  const before = readManifest(folder);
  const facts: ProjectFacts = {
    name: projectName(basename(folder)),
    ostinato: specOf(ostinato, folder, workingDirectory),
    ending: before === null || before.type === 'module' ? '.ts' : '.mts',
    bringsNode: Number(nodeVersion.split('.')[0]) < NODE_MAJOR_MIN,
  };
  makeFolder(folder);
  const written: string[] = [];
  const kept: string[] = [];
  for (const file of [manifestOf(facts), ...projectFiles(facts)]) {
    // A test of the flow that was not written would fail.
    if (file.of !== undefined && kept.includes(file.of)) continue;
    (writeNew(folder, file) ? written : kept).push(file.name);
  }
  return {
    folder, written, kept, ending: facts.ending, bringsNode: facts.bringsNode,
    missing: before === null ? { dependencies: [], devDependencies: [] } : missingIn(before, facts),
  };
}

/** Relative to the project, so that both can be moved together. */
function specOf(given: string, folder: string, workingDirectory: string): string {
  const path = resolve(workingDirectory, given.replace(/^file:(?:\/\/(?=\/))?/, ''));
  return existsSync(path) ? `file:${relative(folder, path).replaceAll('\\', '/')}` : given;
}

function readManifest(folder: string): Manifest | null {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return null;
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) return manifest;
    throw new Error('it holds no object');
  } catch (error) {
    throw new OstinatoError('bad-input', `${path} cannot be read: ${messageOf(error)}.`, { remedy: 'Correct or remove it, or choose another folder.', cause: error });
  }
}

function missingIn({ dependencies = {}, devDependencies = {} }: Manifest, facts: ProjectFacts): MadeProject['missing'] {
  const wanted = dependenciesOf(facts);
  const words = (packages: Readonly<Record<string, string>>): string[] =>
    Object.entries(packages).filter(([name]) => !(name in dependencies) && !(name in devDependencies)).map(([name, spec]) => (spec.startsWith('file:') ? spec : `${name}@${spec}`));
  return { dependencies: words(wanted.dependencies), devDependencies: words(wanted.devDependencies) };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (!statSync(folder).isDirectory()) throw new Error('a file of that name is there');
  } catch (error) {
    throw new OstinatoError('bad-input', `No project can be made at ${folder}: ${messageOf(error)}.`, { remedy: 'Choose another folder.', cause: error });
  }
}

/** @returns whether nothing of that name was there, be it a link that leads nowhere */
function writeNew(folder: string, { name, text }: ProjectFile): boolean {
  try {
    writeFileSync(join(folder, name), text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new OstinatoError('bad-input', `${join(folder, name)} cannot be written: ${messageOf(error)}.`, { remedy: 'Choose another folder.', cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
