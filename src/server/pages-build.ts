/**
 * A checkout only has the sources of the pages: when a server is started in it, they are built in the background, and
 * built again when they have changed. A published package contains the built pages.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';

import { codeFolder, isCheckout, packageFolder } from '../platform/own-package.ts';

export type PagesState = 'there' | 'building' | 'failed' | 'missing';

export interface PagesBuild {
  /** `there`: they can be served, although a newer build may be running. */
  readonly state: PagesState;
  /** Resolves when no build is running. */
  readonly ended: Promise<void>;
  /** Ends a running build. */
  stop(): void;
}

export interface PagesBuildOptions {
  /** The checkout. */
  readonly root: string;
  readonly onNotice: (message: string) => void;
  /** Default: this Node. */
  readonly program?: string;
}

/** Where the pages are, or will be, and the checkout that they are built of; `null` in a published package. */
export function placeOfPages(): { readonly folder: string; readonly root: string | null } {
  return isCheckout
    ? { folder: join(packageFolder, 'ui', 'dist'), root: packageFolder }
    : { folder: join(codeFolder, 'ui'), root: null };
}

const AGAIN = 'Say `npm run build:ui` in the checkout to build them by hand.';
/** Characters at the end of a build's output that are kept: they say why it failed. */
const SAID_CHARACTERS_MAX = 4000;

/** Checks and, if needed, builds; returns at once. */
export function startPagesBuild({ root, onNotice, program = process.execPath }: PagesBuildOptions): PagesBuild {
  let child: ChildProcess | null = null;
  let stopped = false;
  const built = existsSync(join(root, 'ui', 'dist', 'index.html'));
  let state: PagesState = built ? 'there' : 'building';
  const work = async (): Promise<void> => {
    if (built && !(await isOutOfDate(root))) return;
    if (stopped) return;
    onNotice(
      built
        ? 'The pages are older than their sources: they are built anew, in the background.'
        : 'The pages are being built, once, in the background: some seconds; a minute when the packages they are built with have to be fetched.',
    );
    child = startChild(root, program);
    const failure = await endOf(child);
    if (stopped) return;
    state = failure === null ? 'there' : built ? 'there' : 'failed';
    onNotice(failure === null ? 'The pages are built.' : `The pages could not be built. ${AGAIN} It said:\n${failure}`);
  };
  const ended = work().catch((error: unknown) => {
    if (!built) state = 'failed';
    onNotice(`The pages could not be built: ${error instanceof Error ? error.message : String(error)}. ${AGAIN}`);
  });
  return {
    get state() {
      return state;
    },
    ended,
    stop: () => {
      stopped = true;
      if (child !== null) endGroup(child);
    },
  };
}

/** In a process group of its own, so that it can be ended as a whole; with low priority. */
function startChild(root: string, program: string): ChildProcess {
  const child = spawn(program, [join(root, 'scripts', 'build-ui.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or the system refuses.
  }
  return child;
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
}

/** `null`: success. Otherwise the end of its output. */
function endOf(child: ChildProcess): Promise<string | null> {
  let said = '';
  const keep = (text: string): void => {
    said = (said + text).slice(-SAID_CHARACTERS_MAX);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? null : said.trim() || `(nothing; it ended with ${signal ?? code})`),
    );
  });
}

/** Compares dates, which takes some milliseconds; the build then compares the content. */
async function isOutOfDate(root: string): Promise<boolean> {
  const builtAt = await dateOf(join(root, 'ui', 'dist', '.built-from'));
  if (builtAt === null) return true;
  const ui = join(root, 'ui');
  const files = (await readdir(ui, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && !/(?:^|[/\\])(?:dist|node_modules)(?:[/\\]|$)/.test(entry.parentPath.slice(ui.length)),
  );
  const dates = await Promise.all(
    [join(root, 'package-lock.json'), ...files.map(({ parentPath, name }) => join(parentPath, name))].map(dateOf),
  );
  return dates.some((date) => (date ?? 0) > builtAt);
}

async function dateOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? null;
}
