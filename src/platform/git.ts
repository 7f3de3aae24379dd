/** What git knows of a file. */

import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

export interface GitState {
  readonly commit: string;
  /** `null`: none is checked out. */
  readonly branch: string | null;
  /** Whether the file is other than in the commit, or not in it. */
  readonly isDirty: boolean;
}

/** A repository that hangs (a file system that is away) must not hold a command up. */
const TIMEOUT_MS = 5_000;
const run = promisify(execFile);

/** `null`: the file is in no repository, there is no commit yet, or no git. Changes nothing: locks are not taken. */
export async function gitStateOf(file: string): Promise<GitState | null> {
  const git = async (...words: string[]): Promise<string> => {
    const { stdout } = await run('git', ['--no-optional-locks', '-C', dirname(file), ...words], {
      timeout: TIMEOUT_MS,
      encoding: 'utf8',
    });
    return stdout.trim();
  };
  try {
    const commit = await git('rev-parse', '--verify', 'HEAD');
    const branch = await git('rev-parse', '--abbrev-ref', 'HEAD');
    const status = await git('status', '--porcelain', '--ignored', '--', file);
    return { commit, branch: branch === 'HEAD' ? null : branch, isDirty: status !== '' };
  } catch {
    return null;
  }
}
