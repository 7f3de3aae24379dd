/** Starts the real command in a process of its own, with a home and a folder of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';

export const ROOT = join(import.meta.dirname, '..', '..');
export const LAUNCHER = join(ROOT, 'bin', 'ostinato.js');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** What OSTINATO_HOME is. */
  readonly home: string;
  /** The working directory: an empty project. */
  readonly project: string;
  readonly ostinato: (
    words: readonly string[],
    more?: { readonly env?: Record<string, string>; readonly cwd?: string },
  ) => Promise<Ended>;
}

/** Call at the top of a test file; what it makes is removed after the file's tests. */
export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-journey-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const home = join(folder, 'home');
  const project = join(folder, 'project');
  mkdirSync(project);
  return {
    home,
    project,
    ostinato: (words, { env = {}, cwd = project } = {}) =>
      runProgram(process.execPath, [LAUNCHER, ...words], { cwd, env: { OSTINATO_HOME: home, ...env } }),
  };
}

/** The environment is bare: PATH, a home directory that is empty, and what is given. */
export function runProgram(
  program: string,
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<Ended> {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(program, words, {
    cwd,
    env: { PATH: path, HOME: env['OSTINATO_HOME'] ?? cwd, OSTINATO_SERVER_BUILD_PAGES: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
