/** Whence a version of a deployment comes: who, which file, which commit. */

import { hash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';

import type { VersionSourceIn } from '../contract/deployment-version.ts';
import { gitStateOf } from '../platform/git.ts';

/** @param path absolute. @param shown as people call it */
export async function sourceOfFile(path: string, shown: string, text: string): Promise<VersionSourceIn> {
  const git = await gitStateOf(path);
  return {
    ...sourceByHand(),
    file: shown,
    checksum: hash('sha256', text, 'hex'),
    git_commit: git?.commit ?? null,
    git_branch: git?.branch ?? null,
    is_git_dirty: git?.isDirty ?? null,
  };
}

export function sourceByHand(): VersionSourceIn {
  return { by: `${userName()}@${hostname()}` };
}

/** In a container, the user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'somebody');
  }
}
