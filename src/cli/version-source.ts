/** Whence a version of a deployment comes: who, which file, which commit. */

import { hash } from 'node:crypto';

import type { VersionSourceIn } from '../contract/deployment-version.ts';
import { thisUser } from '../platform/this-user.ts';
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
  return { by: thisUser() };
}
