/** Writes a project into a folder without changing existing files. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

import { OstinatoError } from '../../core/errors.ts';
import { makeFolder } from '../../platform/make-folder.ts';
import { dependenciesOf, manifestOf, projectFiles, type ProjectFacts, type ProjectFile } from './project-files.ts';
import { projectName } from './project-name.ts';

const NODE_MAJOR_MIN = 24;
/** Readable for others as far as the umask allows: a project is not secret. */
const PROJECT_MODE = 0o777;

export interface MakeOptions {
  /** Absolute. Created when missing. */
  readonly folder: string;
  /** A version range, a tag, a URL, or the path of a tarball. */
  readonly ostinato: string;
  /** Base of a relative path in these options. */
  readonly workingDirectory: string;
  /** Whether `ostinato.yaml` is written, too. Default false. */
  readonly deployments?: boolean;
  /** Version of the Node that will run the project, such as `26.1.0`. */
  readonly nodeVersion: string;
}

export interface MadeProject {
  readonly folder: string;
  readonly written: readonly string[];
  /** Files that existed before. */
  readonly kept: readonly string[];
  readonly ending: '.ts' | '.mts';
  /** Whether the project depends on the package `node`. */
  readonly bringsNode: boolean;
  /** Dependencies that an existing package.json lacks, as arguments for a package manager; empty for a new one. */
  readonly missing: { readonly dependencies: readonly string[]; readonly devDependencies: readonly string[] };
}

interface Manifest {
  readonly type?: unknown;
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

/**
 * @throws `bad-input` when the folder cannot be created, or its package.json cannot be read; then nothing is written
 */
export function makeProject({
  folder,
  ostinato,
  workingDirectory,
  nodeVersion,
  deployments = false,
}: MakeOptions): MadeProject {
  const before = readManifest(folder);
  const facts: ProjectFacts = {
    name: projectName(basename(folder)),
    ostinato: specOf(ostinato, folder, workingDirectory),
    ending: before === null || before.type === 'module' ? '.ts' : '.mts',
    bringsNode: Number(nodeVersion.split('.')[0]) < NODE_MAJOR_MIN,
    hasDeployments: deployments,
  };
  makeProjectFolder(folder);
  const written: string[] = [];
  const kept: string[] = [];
  for (const file of [manifestOf(facts), ...projectFiles(facts)]) {
    // A test of a flow that was not written would fail.
    if (file.of !== undefined && kept.includes(file.of)) continue;
    (writeNew(folder, file) ? written : kept).push(file.name);
  }
  return {
    folder,
    written,
    kept,
    ending: facts.ending,
    bringsNode: facts.bringsNode,
    missing: before === null ? { dependencies: [], devDependencies: [] } : missingIn(before, facts),
  };
}

/** A relative path, so that both folders can be moved together. */
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
    throw new OstinatoError('bad-input', `${path} cannot be read: ${messageOf(error)}.`, {
      remedy: 'Correct or remove it, or choose another folder.',
      cause: error,
    });
  }
}

function missingIn({ dependencies = {}, devDependencies = {} }: Manifest, facts: ProjectFacts): MadeProject['missing'] {
  const wanted = dependenciesOf(facts);
  const words = (packages: Readonly<Record<string, string>>): string[] =>
    Object.entries(packages)
      .filter(([name]) => !(name in dependencies) && !(name in devDependencies))
      .map(([name, spec]) => (spec.startsWith('file:') ? spec : `${name}@${spec}`));
  return { dependencies: words(wanted.dependencies), devDependencies: words(wanted.devDependencies) };
}

/** @throws `bad-input` when the folder cannot be created */
export function makeProjectFolder(folder: string): void {
  try {
    makeFolder(folder, PROJECT_MODE);
  } catch (error) {
    throw new OstinatoError('bad-input', `No project can be made at ${folder}: ${messageOf(error)}.`, {
      remedy: 'Choose another folder.',
      cause: error,
    });
  }
}

/** @returns whether it was written; `false` when the name exists, even as a broken link */
function writeNew(folder: string, { name, text }: ProjectFile): boolean {
  try {
    writeFileSync(join(folder, name), text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new OstinatoError('bad-input', `${join(folder, name)} cannot be written: ${messageOf(error)}.`, {
      remedy: 'Choose another folder.',
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
